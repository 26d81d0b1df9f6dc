"""What an operator must be told: raised once, seen until it is settled."""

from enum import StrEnum
from uuid import UUID

from pydantic import Field

from domain.frozen import Frozen, Instant

MOST_SENTENCE = 1_000
"""Characters of an alert's sentence."""
MOST_KEY = 200
"""Characters of an alert's key."""


class AlertKind(StrEnum):
    """What happened. Rules of a monitoring system may rely on these words."""

    SEVERAL_BOOKINGS = "several_bookings"
    """More than one live booking under one reference: the surplus was cancelled, or stands."""
    LOOK_UNANSWERED = "look_unanswered"
    """Nobody could find out for long what stands at the provider."""
    GHOST_BOOKING = "ghost_booking"
    """A booking appeared that the registration had ended without, or that no registration has."""
    BOOKING_GONE = "booking_gone"
    """The provider no longer has, or has cancelled, a booking that we recorded."""
    RUN_MISSING = "run_missing"
    """A registration under way had no workflow, has one that does not come to an end, or a workflow
    has no registration."""
    REVIEW_WAITING = "review_waiting"
    """A registration waits for a person's decision."""
    FEE_UNSETTLED = "fee_unsettled"
    """A fee stays due, or its charge undecided, and nothing tries it any more."""
    REFUND_FAILED = "refund_failed"
    """A fee that is owed back could not be refunded."""
    CANCELLATION_OPEN = "cancellation_open"
    """Somebody asked to give a booking back hours ago, and it has not come through."""
    MANDATE_UNSIGNED = "mandate_unsigned"
    """A permission bears no signature of ours: nothing is booked and nothing charged under it."""
    BACKUP_FAILED = "backup_failed"
    """A backup of the database came to nothing."""
    LETTER_UNDELIVERED = "letter_undelivered"
    """A letter did not reach its parent, and is sent no more."""
    ERASURE_WAITS = "erasure_waits"
    """An account is due to be deleted, and something of it has to end before."""
    CHARGE_UNEXPECTED = "charge_unexpected"
    """Money was taken that no row of ours explains."""


def alert_key(matter: str, registration_id: UUID) -> str:
    """Names a matter of one registration; for most, the matter is the alert's kind."""
    return f"{matter}/{registration_id}"


class NewAlert(Frozen):
    """What to raise."""

    key: str = Field(min_length=1, max_length=MOST_KEY)
    """Names the matter: raised again while it is open, it is counted, not repeated."""
    kind: AlertKind
    registration_id: UUID | None = None
    sentence: str = Field(min_length=1, max_length=MOST_SENTENCE)
    """What happened and what to do. Nothing personal."""


class Alert(NewAlert):
    """The row of `alerts`."""

    id: UUID
    raised_at: Instant
    last_raised_at: Instant
    times: int = Field(ge=1)
    settled_at: Instant | None = None
