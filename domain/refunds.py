"""Giving the success fee back: in full, once, and only for a cause that earns it."""

from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from domain.frozen import Frozen, Instant
from domain.money import Money

REFUNDED_WITHIN = timedelta(days=90)
"""Counted from when the fee was taken. The database holds the same rule."""


class RefundReason(StrEnum):
    """Why a fee is given back."""

    PROVIDER_CANCELLED = "provider_cancelled"
    """The organiser took the place back."""
    DUPLICATE_CHARGE = "duplicate_charge"
    TECHNICAL_FAILURE = "technical_failure"
    """We were at fault."""
    CANCELLATION_ACCEPTED = "cancellation_accepted"
    """The organiser took the place back because the parent gave it; before the event began."""


class FeeKept(StrEnum):
    """Why a cancelled booking's fee is not given back. Programs may rely on these words."""

    NOTHING_PAID = "nothing_paid"
    EVENT_BEGUN = "event_begun"
    """A change of mind after the event began."""
    REFUND_TOO_LATE = "refund_too_late"
    """Taken longer ago than REFUNDED_WITHIN."""
    REFUND_FAILED = "refund_failed"
    """It is owed, and the payment service refused: an operator was told."""

    def in_words(self) -> str:
        """The sentence for a parent."""
        return _KEPT[self]


_KEPT = {
    FeeKept.NOTHING_PAID: "No success fee had been charged.",
    FeeKept.EVENT_BEGUN: "The success fee stays paid, because the program had begun by then.",
    FeeKept.REFUND_TOO_LATE: (
        f"The success fee stays paid: it is given back within {REFUNDED_WITHIN.days} days of its "
        "charge only."
    ),
    FeeKept.REFUND_FAILED: (
        "The success fee could not be given back yet. Our team has been told and will see to it."
    ),
}


class RefundStatus(StrEnum):
    """How a refund ended, or that it has not."""

    FROZEN = "frozen"
    PENDING = "pending"
    """Accepted; the bank has not confirmed it yet."""
    SUCCEEDED = "succeeded"
    FAILED = "failed"


GIVEN_BACK = (RefundStatus.PENDING, RefundStatus.SUCCEEDED)


class FrozenRefund(Frozen):
    """A refund whose key and parameters were written down before its first send."""

    registration_id: UUID
    idempotency_key: str
    charge_number: int
    payment_intent_id: str
    amount: Money
    reason: RefundReason
    first_sent_at: Instant


class RefundOutcome(Frozen):
    """What the payment service answered, definitely."""

    status: RefundStatus
    refund_id: str | None = None
    failure_code: str | None = None


class OpenedRefund(Frozen):
    """The frozen refund, with what is known of its end; or why there is to be none."""

    refund: FrozenRefund | None = None
    outcome: RefundOutcome | None = None
    """Once it has one."""
    kept: FeeKept | None = None
