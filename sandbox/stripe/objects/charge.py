"""A charge: one attempt at a card."""

from typing import Any, Literal

from pydantic import Field

from sandbox.stripe.cards import Decline
from sandbox.stripe.objects.event import emit
from sandbox.stripe.objects.payment_method import PaymentMethod
from sandbox.stripe.records import Record
from sandbox.stripe.wire.identifiers import new_id
from sandbox.stripe.work import Work


class Charge(Record):
    """Amounts in the currency's smallest unit."""

    object: Literal["charge"] = "charge"
    amount: int
    amount_captured: int
    amount_refunded: int = 0
    application: None = None
    application_fee: None = None
    application_fee_amount: None = None
    balance_transaction: None = None
    billing_details: dict[str, Any]
    captured: bool
    currency: str
    customer: str | None = None
    description: str | None = None
    disputed: bool = False
    failure_balance_transaction: None = None
    failure_code: str | None = None
    failure_message: str | None = None
    metadata: dict[str, str] = Field(default_factory=dict[str, str])
    on_behalf_of: None = None
    outcome: dict[str, Any]
    paid: bool
    payment_intent: str
    payment_method: str
    payment_method_details: dict[str, Any]
    receipt_email: str | None = None
    receipt_number: None = None
    receipt_url: None = None
    refunded: bool = False
    review: None = None
    source: None = None
    source_transfer: None = None
    status: Literal["succeeded", "failed"]
    transfer: None = None


def attempted(
    work: Work, intent: dict[str, Any], method: PaymentMethod, decline: Decline | None
) -> Charge:
    """Record one attempt for that PaymentIntent (as on the wire); declined unless None."""
    paid = decline is None
    card = method.card.model_dump(mode="json", include=_SHOWN_OF_CARD)
    charge = Charge(
        id=new_id("ch"),
        created=work.now,
        amount=intent["amount"],
        amount_captured=intent["amount"] if paid else 0,
        billing_details=method.billing_details.model_dump(mode="json"),
        captured=paid,
        currency=intent["currency"],
        customer=intent["customer"],
        description=intent["description"],
        failure_code=None if decline is None else decline.code,
        failure_message=None if decline is None else decline.message,
        metadata=intent["metadata"],
        outcome=_outcome(decline),
        paid=paid,
        payment_intent=intent["id"],
        payment_method=method.id,
        payment_method_details={"card": card, "type": "card"},
        receipt_email=intent["receipt_email"],
        status="succeeded" if paid else "failed",
    )
    work.save(charge)
    emit(work, f"charge.{charge.status}", charge)
    return charge


_SHOWN_OF_CARD = {"brand", "country", "exp_month", "exp_year", "fingerprint", "funding", "last4"}


def _outcome(decline: Decline | None) -> dict[str, Any]:
    if decline is None:
        return {
            "network_status": "approved_by_network",
            "reason": None,
            "risk_level": "normal",
            "seller_message": "Payment complete.",
            "type": "authorized",
        }
    return {
        "network_status": "declined_by_network",
        "reason": decline.decline_code,
        "risk_level": "normal",
        "seller_message": f"The bank returned the decline code `{decline.decline_code}`.",
        "type": "issuer_declined",
    }
