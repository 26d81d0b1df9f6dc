"""/v1/invoices: looked at, paid and voided. Subscriptions alone make them."""

from typing import Any, ClassVar, Literal

from stripe.params import (
    InvoiceListParams,
    InvoicePayParams,
    InvoiceRetrieveParams,
    InvoiceVoidInvoiceParams,
)

from sandbox.stripe import billing
from sandbox.stripe.api import Endpoint
from sandbox.stripe.objects.invoice import Invoice
from sandbox.stripe.objects.payment_method import PaymentMethod, usable
from sandbox.stripe.objects.subscription import Subscription
from sandbox.stripe.wire.listing import ListParameters, page
from sandbox.stripe.wire.parameters import Parameters, names_of
from sandbox.stripe.wire.refusals import invalid_request
from sandbox.stripe.work import Work


class RetrieveInvoice(Parameters):
    """Of one invoice."""

    known: ClassVar = names_of(InvoiceRetrieveParams)


class ListInvoices(ListParameters):
    """By customer, time, status and subscription."""

    known: ClassVar = names_of(InvoiceListParams)

    status: Literal["draft", "open", "paid", "uncollectible", "void"] | None = None
    subscription: str | None = None


class PayInvoice(Parameters):
    """Without the holder, and with the subscription's own card unless one is named."""

    known: ClassVar = names_of(InvoicePayParams)

    off_session: bool = True
    payment_method: str | None = None


class VoidInvoice(Parameters):
    """Of one invoice."""

    known: ClassVar = names_of(InvoiceVoidInvoiceParams)


def retrieve(work: Work, asked: RetrieveInvoice) -> Invoice:  # noqa: ARG001 - an action's shape
    """One invoice."""
    billing.catch_up(work)
    return work.named(Invoice)


def listed(work: Work, asked: ListInvoices) -> dict[str, Any]:
    """Newest first."""
    billing.catch_up(work)
    where = {
        "status": asked.status,
        "parent.subscription_details.subscription": asked.subscription,
    }
    return page(work, Invoice, asked, url="/v1/invoices", where=where)


def pay(work: Work, asked: PayInvoice) -> Invoice:
    """Try to take the money now."""
    billing.catch_up(work)
    owed = work.named(Invoice)
    if owed.status != "open":
        raise invalid_request(f"Invoice is already {owed.status}", code="invoice_already_paid")
    declined = billing.collect(work, owed, _card(work, owed, asked.payment_method))
    if declined is not None:
        raise declined
    return work.named(Invoice)


def void(work: Work, asked: VoidInvoice) -> Invoice:  # noqa: ARG001 - an action's shape
    """End it unpaid."""
    billing.catch_up(work)
    return billing.void(work, work.named(Invoice))


def _card(work: Work, owed: Invoice, named: str | None) -> PaymentMethod:
    if named is not None:
        return usable(work, named)
    plan = work.find(Subscription, owed.subscription)
    card = billing.card_of(work, plan) if plan is not None else None
    if card is None:
        raise invalid_request(
            "There is no `default_payment_method` set on this Customer or Invoice. Please set"
            " either a default payment method on the Customer, Subscription, or Invoice."
        )
    return card


ENDPOINTS: tuple[Endpoint[Any], ...] = (
    Endpoint("GET", "/v1/invoices", ListInvoices, listed),
    Endpoint("GET", "/v1/invoices/{id}", RetrieveInvoice, retrieve),
    Endpoint("POST", "/v1/invoices/{id}/pay", PayInvoice, pay),
    Endpoint("POST", "/v1/invoices/{id}/void", VoidInvoice, void),
)
