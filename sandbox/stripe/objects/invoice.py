"""An invoice: one month of a subscription."""

from typing import Any, ClassVar, Literal

from pydantic import Field

from sandbox.stripe.objects.event import emit
from sandbox.stripe.objects.subscription import Subscription
from sandbox.stripe.records import Record, every
from sandbox.stripe.wire.identifiers import new_id, random_text
from sandbox.stripe.work import Work

Status = Literal["open", "paid", "void", "uncollectible"]


class Invoice(Record):
    """Amounts in the currency's smallest unit. Made final at once: there are no drafts."""

    hidden: ClassVar = frozenset({"payment_intent"})

    object: Literal["invoice"] = "invoice"
    account_country: str = "US"
    account_name: str = "SignupAssist"
    account_tax_ids: None = None
    amount_due: int
    amount_overpaid: int = 0
    amount_paid: int = 0
    amount_remaining: int
    amount_shipping: int = 0
    application: None = None
    attempt_count: int = 0
    attempted: bool = False
    auto_advance: bool = True
    automatic_tax: dict[str, Any] = Field(default_factory=lambda: {"enabled": False})
    automatically_finalizes_at: None = None
    billing_reason: Literal["subscription_create", "subscription_cycle"]
    collection_method: Literal["charge_automatically"] = "charge_automatically"
    currency: str
    custom_fields: None = None
    customer: str
    customer_email: None = None
    customer_name: None = None
    customer_tax_exempt: None = None
    default_payment_method: None = None
    default_source: None = None
    default_tax_rates: tuple[str, ...] = ()
    description: None = None
    discounts: tuple[str, ...] = ()
    due_date: None = None
    effective_at: int
    ending_balance: int = 0
    footer: None = None
    from_invoice: None = None
    hosted_invoice_url: str | None
    invoice_pdf: str | None
    issuer: dict[str, Any] = Field(default_factory=lambda: {"type": "self"})
    last_finalization_error: None = None
    latest_revision: None = None
    lines: dict[str, Any]
    metadata: dict[str, str] = Field(default_factory=dict[str, str])
    next_payment_attempt: int | None = None
    """Unix seconds; null once Stripe tries no more by itself."""
    number: str
    on_behalf_of: None = None
    parent: dict[str, Any]
    payment_settings: dict[str, Any] = Field(default_factory=dict[str, Any])
    period_end: int
    period_start: int
    post_payment_credit_notes_amount: int = 0
    pre_payment_credit_notes_amount: int = 0
    receipt_number: None = None
    rendering: None = None
    starting_balance: int = 0
    statement_descriptor: None = None
    status: Status = "open"
    status_transitions: dict[str, int | None]
    subtotal: int
    subtotal_excluding_tax: int
    test_clock: None = None
    total: int
    total_discount_amounts: tuple[str, ...] = ()
    total_excluding_tax: int
    total_taxes: tuple[str, ...] = ()
    webhooks_delivered_at: int | None = None
    payment_intent: str | None = None

    @property
    def subscription(self) -> str:
        """The id of the subscription that it is of."""
        identifier: str = self.parent["subscription_details"]["subscription"]
        return identifier


def drawn_up(work: Work, subscription: Subscription, reason: str) -> Invoice:
    """The month that begins now, to be paid."""
    identifier, cents = new_id("in"), subscription.monthly
    page = f"{work.base_url}/invoice/{identifier}"
    line = {
        "id": new_id("il"),
        "object": "line_item",
        "amount": cents,
        "currency": subscription.currency,
        "description": "1 of SignupAssist Premium (per month)",
        "invoice": identifier,
        "quantity": 1,
    }
    details = {"metadata": subscription.metadata, "subscription": subscription.id}
    number = len(every(work.tx, Invoice)) + 1
    invoice = Invoice.model_validate(
        {
            "id": identifier,
            "created": work.now,
            "amount_due": cents,
            "amount_remaining": cents,
            "billing_reason": reason,
            "currency": subscription.currency,
            "customer": subscription.customer,
            "effective_at": work.now,
            "hosted_invoice_url": page,
            "invoice_pdf": f"{page}/pdf",
            "lines": {
                "object": "list",
                "data": [line],
                "has_more": False,
                "url": f"/v1/invoices/{identifier}/lines",
            },
            "number": f"{random_text(8).upper()}-{number:04}",
            "parent": {
                "type": "subscription_details",
                "subscription_details": details,
                "quote_details": None,
            },
            "period_end": work.now,
            "period_start": subscription.start_date,
            "status_transitions": {
                "finalized_at": work.now,
                "marked_uncollectible_at": None,
                "paid_at": None,
                "voided_at": None,
            },
            "subtotal": cents,
            "subtotal_excluding_tax": cents,
            "total": cents,
            "total_excluding_tax": cents,
        }
    )
    work.save(invoice)
    for kind in ("invoice.created", "invoice.finalized"):
        emit(work, kind, invoice)
    return invoice


def ended(
    work: Work, invoice: Invoice, status: Literal["paid", "void"], **changes: object
) -> Invoice:
    """Paid or void; told by the caller."""
    moment = {"paid": "paid_at", "void": "voided_at"}[status]
    return work.save(
        invoice.model_copy(
            update={
                "status": status,
                "next_payment_attempt": None,
                "status_transitions": {**invoice.status_transitions, moment: work.now},
                **changes,
            }
        )
    )
