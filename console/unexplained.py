"""What a restored database cannot explain, in an operator's words."""

from uuid import UUID

from console.provider_bookings import FoundBooking
from domain.alerts import AlertKind, NewAlert
from domain.registrations import Registration
from domain.states import UNDER_WAY, RegistrationStatus

_SOUGHT = {RegistrationStatus.DRAFT, *UNDER_WAY}


def is_sought(row: Registration) -> bool:
    """Whether a booking of it must be found before anything is sent for it."""
    return row.status in _SOUGHT


def alert_about(booking: FoundBooking, row: Registration | None) -> NewAlert | None:
    """What a person must be told of the booking; None where its registration deals with it."""
    if row is None:
        return None if booking.cancelled else _lost(booking)
    match row.status:
        case RegistrationStatus.PENDING | RegistrationStatus.EXECUTING:
            return None
        case RegistrationStatus.COMPLETED if booking.number == row.booking_number:
            return _gone(booking, row) if booking.cancelled else None
        case _ if booking.cancelled:
            return None
        case RegistrationStatus.DRAFT:
            return _unexpected(
                booking,
                row,
                "is only a draft again: it was confirmed after the backup. Ask its parent to "
                "confirm it once more; this booking is then found, and none is made beside it",
            )
        case RegistrationStatus.COMPLETED:
            return _unexpected(
                booking,
                row,
                f"is completed with booking {row.booking_number}. Cancel the surplus one at the "
                "organiser, without fee and notice",
                AlertKind.SEVERAL_BOOKINGS,
            )
        case RegistrationStatus.NEEDS_REVIEW:
            return _unexpected(
                booking, row, "waits for a person's decision: this is what became of it"
            )
        case RegistrationStatus.FAILED | RegistrationStatus.CANCELLED:
            return _unexpected(
                booking,
                row,
                f"is {row.status.value}. Ask its parent whether the place is wanted, and cancel it "
                "at the organiser if not",
            )


def run_without_row(registration_id: UUID) -> NewAlert:
    """Temporal knows of a registration that the database does not have."""
    return NewAlert(
        key=f"{AlertKind.RUN_MISSING.value}/{registration_id}",
        kind=AlertKind.RUN_MISSING,
        sentence=f"Temporal had a run of registration {registration_id}, which the restored "
        "database does not have: it was confirmed after the backup. The run was ended, and "
        "nothing is booked for it. Its parent must schedule it again; the run's history in the "
        "Web UI says for when it was.",
    )


def confirm_lost(row: Registration) -> NewAlert:
    """Temporal knows of a confirm that the database does not have."""
    return NewAlert(
        key=f"{AlertKind.RUN_MISSING.value}/{row.id}",
        kind=AlertKind.RUN_MISSING,
        registration_id=row.id,
        sentence=f"{row.code} is only a draft again: it was confirmed after the backup. Its run "
        "was ended, and nothing is booked for it. Ask its parent to confirm it once more.",
    )


def _key(booking: FoundBooking, kind: AlertKind) -> str:
    return f"{kind.value}/{booking.provider}/{booking.number}"[:200]


def _lost(booking: FoundBooking) -> NewAlert:
    registration_id = booking.registration_id
    return NewAlert(
        key=_key(booking, AlertKind.GHOST_BOOKING),
        kind=AlertKind.GHOST_BOOKING,
        sentence=f"A live {booking.in_words} belongs to registration {registration_id}, which the "
        "restored database does not have: it was made after the backup. The organiser's booking "
        "names the family. Tell them that their place stands and its receipt is lost, or cancel "
        "it at the organiser. Its fee may have been charged: search the payment service for the "
        f"metadata registration_id {registration_id}.",
    )


def _gone(booking: FoundBooking, row: Registration) -> NewAlert:
    return NewAlert(
        key=_key(booking, AlertKind.BOOKING_GONE),
        kind=AlertKind.BOOKING_GONE,
        registration_id=row.id,
        sentence=f"{row.code} is completed, but its {booking.in_words} was cancelled since the "
        "backup. Tell its parent, and pay the fee back if the organiser cancelled.",
    )


def _unexpected(
    booking: FoundBooking,
    row: Registration,
    standing: str,
    kind: AlertKind = AlertKind.GHOST_BOOKING,
) -> NewAlert:
    return NewAlert(
        key=_key(booking, kind),
        kind=kind,
        registration_id=row.id,
        sentence=f"A live {booking.in_words} belongs to {row.code}, which {standing}.",
    )
