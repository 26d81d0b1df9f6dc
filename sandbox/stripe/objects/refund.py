"""A refund: money back from one charge."""

from typing import ClassVar, Literal

from pydantic import Field

from sandbox.stripe.objects.charge import Charge
from sandbox.stripe.objects.event import emit
from sandbox.stripe.records import Record
from sandbox.stripe.wire.identifiers import new_id
from sandbox.stripe.wire.refusals import invalid_request
from sandbox.stripe.work import Work


class Refund(Record):
    """Amounts in the currency's smallest unit."""

    hidden: ClassVar = frozenset({"livemode"})

    object: Literal["refund"] = "refund"
    amount: int
    balance_transaction: None = None
    charge: str
    currency: str
    customer: str | None = None
    failure_balance_transaction: None = None
    failure_reason: str | None = None
    metadata: dict[str, str] = Field(default_factory=dict[str, str])
    payment_intent: str | None = None
    payment_method: str | None = None
    pending_reason: None = None
    reason: str | None = None
    receipt_number: None = None
    source_transfer_reversal: None = None
    status: Literal["succeeded", "failed"] = "succeeded"
    transfer_reversal: None = None


def give_back(
    work: Work,
    charge: Charge,
    *,
    amount: int | None,
    reason: str | None,
    metadata: dict[str, str],
) -> Refund:
    """Refund that much of the charge; all that is left of it when None.

    Raises:
        Refusal: 400, the charge failed, is refunded already, or holds less than that.
    """
    left = charge.amount - charge.amount_refunded
    if not charge.paid:
        raise invalid_request(f"Charge {charge.id} was not successful and cannot be refunded.")
    if left == 0:
        raise invalid_request(
            f"Charge {charge.id} has already been refunded.", code="charge_already_refunded"
        )
    wanted = left if amount is None else amount
    if wanted > left:
        holds = "charge amount" if left == charge.amount else "unrefunded amount on charge"
        raise invalid_request(
            f"Refund amount ({_spoken(wanted)}) is greater than {holds} ({_spoken(left)})",
            param="amount",
        )
    refund = Refund(
        id=new_id("re"),
        created=work.now,
        amount=wanted,
        charge=charge.id,
        currency=charge.currency,
        customer=charge.customer,
        metadata=metadata,
        payment_intent=charge.payment_intent,
        payment_method=charge.payment_method,
        reason=reason,
    )
    work.save(refund)
    changes = {"amount_refunded": charge.amount_refunded + wanted, "refunded": wanted == left}
    charge = work.save(charge.model_copy(update=changes))
    emit(work, "refund.created", refund)
    emit(work, "charge.refunded", charge)
    return refund


def sent_back(work: Work, refund: Refund, reason: str) -> Refund:
    """The bank sends it back: the money returns to the account's balance."""
    failed = work.save(refund.model_copy(update={"status": "failed", "failure_reason": reason}))
    emit(work, "refund.failed", failed)
    return failed


def _spoken(cents: int) -> str:
    return f"${cents // 100}.{cents % 100:02d}"
