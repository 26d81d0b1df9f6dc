"""Subscriptions and invoices, as Stripe shows them.

| Stripe says of a subscription | means |
|---|---|
| `active`, `trialing` | active |
| `past_due`, `unpaid` | past due: our own grace decides when it ends |
| `paused` | paused, by an operator |
| `canceled` | cancelled |
| `incomplete`, `incomplete_expired` | none: its first payment never came |
"""

from datetime import UTC, datetime

import stripe
from pydantic import ValidationError

from domain.errors import PaymentUnavailable
from domain.invoices import Invoice, InvoiceStatus
from domain.money import Money
from domain.subscriptions import Billed, Checkout, CheckoutPage, SubscriptionStatus
from gateways.stripe_payments.cards import card_of

NEVER_BEGAN = frozenset({"incomplete", "incomplete_expired"})

_STATUS = {
    "active": SubscriptionStatus.ACTIVE,
    "trialing": SubscriptionStatus.ACTIVE,
    "past_due": SubscriptionStatus.PAST_DUE,
    "unpaid": SubscriptionStatus.PAST_DUE,
    "paused": SubscriptionStatus.PAUSED,
    "canceled": SubscriptionStatus.CANCELLED,
}


def billed_of(subscription: stripe.Subscription) -> Billed | None:
    """What our row mirrors; None for one that never began.

    Raises:
        PaymentUnavailable: it is in a state that is not known here.
    """
    if subscription.status in NEVER_BEGAN:
        return None
    status = _STATUS.get(subscription.status)
    if status is None:
        raise PaymentUnavailable("a subscription is in a state that is not known here")
    ends = [item.current_period_end for item in subscription.items.data]
    # Cancelled in Stripe's own pages it may name the day instead of the period.
    dated = getattr(subscription, "cancel_at", None) is not None
    return Billed(
        subscription_id=subscription.id,
        status=status,
        created_at=_instant(subscription.created),
        cancel_at_period_end=subscription.cancel_at_period_end or dated,
        current_period_end=_instant(max(ends)) if ends else None,
        payment_method_id=_id_of(getattr(subscription, "default_payment_method", None)),
    )


def invoice_of(invoice: stripe.Invoice) -> Invoice:
    """The invoice in our terms.

    Raises:
        PaymentUnavailable: it cannot be read.
    """
    # The SDK has no attribute for a field that an answer leaves out.
    finalized = getattr(invoice.status_transitions, "finalized_at", None)
    details = getattr(getattr(invoice, "parent", None), "subscription_details", None)
    currency = invoice.currency.upper()
    try:
        return Invoice(
            invoice_id=invoice.id,
            number=getattr(invoice, "number", None),
            status=InvoiceStatus(invoice.status or InvoiceStatus.DRAFT),
            amount_due=Money(amount_cents=invoice.amount_due, currency=currency),
            amount_paid=Money(amount_cents=invoice.amount_paid, currency=currency),
            created_at=_instant(invoice.created),
            since=_instant(finalized or invoice.created),
            attempted=invoice.attempted,
            subscription_id=_id_of(getattr(details, "subscription", None)),
            url=getattr(invoice, "hosted_invoice_url", None),
            pdf_url=getattr(invoice, "invoice_pdf", None),
        )
    except (ValidationError, ValueError):
        # Not chained: pydantic's message would quote the invoice.
        raise PaymentUnavailable("the payment service's invoice cannot be read") from None


def checkout_of(session: stripe.checkout.Session) -> Checkout:
    """What became of a page to subscribe on; its subscription expanded, with the card."""
    if session.status == "open":
        return Checkout(page=page_of(session))
    if session.status != "complete":
        return Checkout()
    subscription = session.subscription
    method = getattr(subscription, "default_payment_method", None)
    card = card_of(method) if isinstance(method, stripe.PaymentMethod) else None
    return Checkout(complete=True, card=card)


def page_of(session: stripe.checkout.Session) -> CheckoutPage:
    """The page itself.

    Raises:
        PaymentUnavailable: it has no address.
    """
    if session.url is None:
        raise PaymentUnavailable("the payment service named no page to subscribe on")
    return CheckoutPage(
        session_id=session.id, url=session.url, expires_at=_instant(session.expires_at)
    )


def _id_of(named: object) -> str | None:
    """Of what is named by its id, or given in full."""
    if named is None or isinstance(named, str):
        return named
    return str(getattr(named, "id"))  # noqa: B009 - one of several kinds of object


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
