"""The payloads of the cancellation workflow: a booking given back, or taken back."""

from enum import StrEnum
from uuid import UUID

from domain.contracts import Standing
from domain.frozen import Frozen, Instant
from domain.refunds import FeeKept, RefundReason
from domain.refusals import Reason
from domain.states import RegistrationStatus


class CancelledBy(StrEnum):
    """Whose wish it is."""

    PARENT = "parent"
    """A change of mind: only before the event begins."""
    PROVIDER = "provider"
    """The organiser cancelled it already: verified there, not repeated there."""
    OPERATOR = "operator"


_EARNED = {
    CancelledBy.PARENT: RefundReason.CANCELLATION_ACCEPTED,
    CancelledBy.PROVIDER: RefundReason.PROVIDER_CANCELLED,
    CancelledBy.OPERATOR: RefundReason.CANCELLATION_ACCEPTED,
}


class CancellationOrder(Frozen):
    """The workflow's input."""

    registration_id: UUID
    by: CancelledBy
    because: RefundReason | None = None
    """An operator's own reason; else it follows from whose wish it is."""

    @property
    def reason(self) -> RefundReason:
        """What the refund is judged by."""
        return self.because or _EARNED[self.by]

    @property
    def wish(self) -> "NewWish":
        """What is written down before the organiser is asked."""
        return NewWish(registration_id=self.registration_id, by=self.by, reason=self.reason)


class NewWish(Frozen):
    """Somebody wants a booking back, and was let in."""

    registration_id: UUID
    by: CancelledBy
    reason: RefundReason


class CancellationWish(NewWish):
    """The row of `cancellation_wishes`."""

    asked_at: Instant
    """By this moment the fee is judged, however long the organiser takes."""

    @property
    def order(self) -> CancellationOrder:
        """What its workflow is begun with once more."""
        return CancellationOrder(
            registration_id=self.registration_id, by=self.by, because=self.reason
        )


class CancelledRow(Frozen):
    """What a cancellation's run is found by, as its registration stood at the check."""

    code: str
    provider: str
    org_ref: str
    status: RegistrationStatus
    scheduled_time: Instant


class CancellationCheck(Frozen):
    """Whether it may begin: not with reasons, and not where it is done already."""

    reasons: tuple[Reason, ...] = ()
    done: Standing | None = None
    written: bool = False
    """Whether the refusal is to be written to a parent who waits no more: it is in the outbox."""
    row: CancelledRow | None = None
    """What the first check found; None where there is no such registration."""


class BookingCancelledOrder(Frozen):
    """Write down that the booking is no more, and since when. From then on nothing is charged."""

    registration_id: UUID
    by: CancelledBy
    reason: RefundReason
    operation_key: str


class OutstandingOrder(Frozen):
    """Decide a charge that nobody waits for any more."""

    registration_id: UUID
    last_look: bool = False
    """What is not found now was never made."""


class OutstandingReport(Frozen):
    """Whether every charge has ended; one that was not found may still come to light."""

    decided: bool


class RefundOrder(Frozen):
    """Give the fee back, where it was paid and the cause earns it."""

    registration_id: UUID


class RefundReport(Frozen):
    """What became of it: given back, or why it was kept."""

    kept: FeeKept | None = None


class CancelledOrder(Frozen):
    """Completed -> cancelled, with receipt, audit event and letter."""

    registration_id: UUID
    by: CancelledBy
    kept: FeeKept | None = None
    operation_key: str


class CancellationAnswer(Frozen):
    """Cancelled, with what became of the fee; or refused with every reason, nothing changed."""

    standing: Standing | None = None
    kept: FeeKept | None = None
    reasons: tuple[Reason, ...] = ()
