"""The ledger of one registration: what was tried, charged, given back and told."""

from domain.family import Reader
from domain.frozen import Frozen, Instant
from domain.money import Money
from domain.outbox import Refusal
from domain.payments import ChargeStatus
from domain.refunds import RefundReason, RefundStatus
from domain.registrations import Receipt
from domain.review import AttemptRecord
from domain.states import NotificationKind


class LedgerCharge(Frozen):
    """A charge of the fee, without what names its payer at the payment service."""

    number: int
    amount: Money
    first_sent_at: Instant
    status: ChargeStatus
    settled_at: Instant | None = None
    decline_code: str | None = None


class LedgerRefund(Frozen):
    """The refund of the fee."""

    amount: Money
    reason: RefundReason
    first_sent_at: Instant
    status: RefundStatus
    settled_at: Instant | None = None
    failure_code: str | None = None


class LedgerLetter(Frozen):
    """A letter that was owed, not its words."""

    kind: NotificationKind
    period: str
    owed_at: Instant
    sent_at: Instant | None = None
    refusal: Refusal | None = None


class Ledger(Frozen):
    """What the database wrote down beside row and audit trail. Nothing personal."""

    attempts: tuple[AttemptRecord, ...] = ()
    charges: tuple[LedgerCharge, ...] = ()
    refund: LedgerRefund | None = None
    booking_gone_at: Instant | None = None
    """When the booking was given back, or taken back."""
    letters: tuple[LedgerLetter, ...] = ()
    receipt: Receipt | None = None
    reader: Reader = Reader()
    """How the parent reads times."""
