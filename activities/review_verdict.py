"""What stands against a person's decision, and what is written when nothing does."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from domain.booking import Booking
from domain.consent import over_cap
from domain.contracts import BookingFacts
from domain.identifiers import external_ref, fee_key
from domain.payments import ChargeStatus
from domain.refusals import Reason
from domain.registrations import Registration
from domain.review import ReviewCase
from domain.review_causes import NOT_BOOKED_AS
from domain.states import FailureCode

MILLISECOND = timedelta(milliseconds=1)

CANCEL_IT = "cancel it at the organiser, without fee and without notice to the customer"

CHECKED = "A person has checked with the organiser: there is no booking for you."

WORDS = {
    FailureCode.MISSED_WINDOW: (
        f"The organiser's system did not answer clearly when we sent your booking. {CHECKED}"
    ),
    FailureCode.SOLD_OUT: f"All places were gone when our request arrived. {CHECKED}",
    FailureCode.NOT_OPENED: f"Registration did not open in time. {CHECKED}",
    FailureCode.OVER_CAP: (
        "The place costs more than you agreed to, so its booking was cancelled again. Schedule "
        "it again with a higher limit."
    ),
}
"""What the parent reads, by what it failed of."""


def faults_of_booked(
    row: Registration,
    case: ReviewCase,
    booking: Booking,
    ours: Sequence[Booking],
    *,
    owner: str | None,
    another_reference: bool,
) -> Iterator[Reason]:
    """Why that booking cannot be this registration's.

    Args:
        row: the registration.
        case: what is known of it.
        booking: as fetched back by its number.
        ours: every booking under our reference.
        owner: the code of another registration that has the booking.
        another_reference: a person verified it although the reference is not ours.
    """
    number = booking.booking_number
    if booking.cancelled:
        yield _reason("booking_cancelled", f"Booking {number} is cancelled, so it is no place.")
    elif not booking.accepted:
        yield _reason(
            "awaits_approval",
            f"Booking {number} is only a request, which the organiser has yet to accept. Ask them "
            "to accept it, then type the same again; or to decline it, then resolve as not booked.",
        )
    if booking.reference != external_ref(row.id) and not another_reference:
        yield _reason(
            "another_reference",
            f"Booking {number} does not carry our reference {external_ref(row.id)}. If you are "
            "sure that it is this child at this event, add --another-reference.",
        )
    others = [other for other in live(ours) if other.booking_number != number]
    if others:
        yield _several([booking, *others])
    if owner is not None:
        yield _reason("booking_taken", f"Booking {number} belongs to the registration {owner}.")
    known = {attempt.booking_number for attempt in case.attempts} - {None, number}
    if known:
        yield _reason(
            "another_number_recorded",
            f"We recorded booking {_listed(known)} for this registration, not {number}.",
        )
    too_dear = over_cap(row, booking.price) if booking.price else None
    if too_dear is not None:
        yield _reason(
            "over_cap",
            f"Booking {number} costs {booking.price}, with the fee of {row.fee} more than the "
            f"parent's limit of {row.cap}: {CANCEL_IT}, then resolve as not booked.",
        )


def faults_of_not_booked(
    row: Registration, case: ReviewCase, ours: Sequence[Booking], *, fee_returned: bool
) -> Iterator[Reason]:
    """Why it cannot be called not booked."""
    standing = live(ours)
    if len(standing) > 1:
        yield _several(standing)
    elif standing:
        number = standing[0].booking_number
        yield _reason(
            "live_booking",
            f"Booking {number} stands under our reference: resolve it as booked, or {CANCEL_IT}, "
            "then type the same again.",
        )
    sent = [one for one in case.charges if one.status is not ChargeStatus.DECLINED]
    if sent and not fee_returned:
        keys = _listed(fee_key(row.id, charge.number) for charge in sent)
        yield _reason(
            "fee_charged",
            f"The success fee was sent to Stripe and may have been taken (idempotency key {keys}). "
            "Look it up there by its metadata, refund it if it succeeded, then add --fee-returned.",
        )


def failed_as(
    row: Registration, case: ReviewCase, ours: Sequence[Booking]
) -> tuple[FailureCode, str]:
    """What it failed of, as truly as is known, and what the parent reads."""
    if any(booking.price and over_cap(row, booking.price) for booking in ours):
        code = FailureCode.OVER_CAP
    else:
        code = case.refused_as or NOT_BOOKED_AS[case.cause]
    return code, WORDS.get(code, f"The booking did not come about. {CHECKED}")


def facts(
    row: Registration, case: ReviewCase, booking: Booking, found_at: datetime
) -> BookingFacts:
    """The booking as its receipt tells it.

    The first request is the first that was written down. Where none was, it is the first send
    time; and of a booking that is not ours, when it was made.
    """
    sent = [request.sent_at for attempt in case.attempts for request in attempt.requests]
    due = [attempt.send_at for attempt in case.attempts]
    made = booking.created_at or found_at
    ours = booking.reference == external_ref(row.id)
    first = min(sent or due or [made]) if ours else made
    send_at = min(due or [first])
    return BookingFacts(
        booking_number=booking.booking_number,
        price_cents=booking.price.amount_cents if booking.price else None,
        currency=booking.price.currency if booking.price else None,
        first_request_at=first,
        lateness_ms=max(0, (first - send_at) // MILLISECOND),
        queue_delay_ms=max(0, (send_at - row.scheduled_time) // MILLISECOND),
        attempts=max(len(sent), 1),
        found_by_lookup=True,
    )


def live(bookings: Sequence[Booking]) -> list[Booking]:
    """Those that stand."""
    return [booking for booking in bookings if not booking.cancelled]


def _several(bookings: Sequence[Booking]) -> Reason:
    return _reason(
        "several_bookings",
        f"Several bookings stand: {_listed(one.booking_number for one in bookings)}. One place is "
        "wanted: cancel the others at the organiser, without fee and without notice to the "
        "customer, then resolve with the one that is left.",
    )


def _listed(names: Iterable[str | None]) -> str:
    return ", ".join(sorted(name for name in names if name))


def _reason(code: str, sentence: str) -> Reason:
    return Reason(code=code, sentence=sentence)
