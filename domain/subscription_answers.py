"""What the interface for subscriptions answers: the shapes that other programs rely on."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from domain.frozen import Frozen, Instant, Private
from domain.invoices import Invoice, InvoicePage, InvoiceStatus
from domain.money import Cents, Currency
from domain.subscriptions import CheckoutPage, Subscription, SubscriptionStatus, Tier


class SubscriptionAnswer(Frozen):
    """Where the account's subscription stands."""

    status: SubscriptionStatus
    """`pending`: a page to subscribe on is open, or was paid on and Stripe has not told us yet."""
    tier: Tier
    cancel_at_period_end: bool
    """Whether it ends with its period: nothing more is charged then."""
    current_period_end: Instant | None
    """When it renews, or ends."""
    grace_ends_at: Instant | None
    """While a payment has failed: when the account changes to the free plan unless it is paid."""

    @classmethod
    def of(cls, row: Subscription, now: datetime) -> "SubscriptionAnswer":
        """The subscription in that row."""
        opened = row.checkout_expires_at is not None and row.checkout_expires_at > now
        pending = opened and not row.live
        status = SubscriptionStatus.PENDING if pending else row.status
        return cls(
            status=status,
            tier=row.tier,
            cancel_at_period_end=row.live and row.cancel_at_period_end,
            current_period_end=row.current_period_end if row.live else None,
            grace_ends_at=row.grace_ends_at,
        )


class CheckoutAnswer(Private):
    """The page on which the parent subscribes."""

    status: SubscriptionStatus = SubscriptionStatus.PENDING
    url: str
    """For this parent alone."""
    expires_at: Instant

    @classmethod
    def of(cls, page: CheckoutPage) -> "CheckoutAnswer":
        """The page, without our own reference to it."""
        return cls(url=page.url, expires_at=page.expires_at)


class InvoiceAnswer(Frozen):
    """One invoice."""

    invoice_id: str
    number: str | None
    status: InvoiceStatus
    amount_due_cents: Cents
    amount_paid_cents: Cents
    currency: Currency
    created_at: Instant
    url: Annotated[str | None, Field(repr=False)]
    """Stripe's page of the invoice, on which it can be paid. For this parent alone."""
    pdf_url: Annotated[str | None, Field(repr=False)]

    @classmethod
    def of(cls, invoice: Invoice) -> "InvoiceAnswer":
        """The invoice as the parent sees it."""
        return cls(
            invoice_id=invoice.invoice_id,
            number=invoice.number,
            status=invoice.status,
            amount_due_cents=invoice.amount_due.amount_cents,
            amount_paid_cents=invoice.amount_paid.amount_cents,
            currency=invoice.amount_due.currency,
            created_at=invoice.created_at,
            url=invoice.url,
            pdf_url=invoice.pdf_url,
        )


class InvoicesAnswer(Frozen):
    """A page of invoices, newest first."""

    invoices: tuple[InvoiceAnswer, ...]
    next_after: str | None
    """Ask for the next page with `after` set to this; null on the last one."""

    @classmethod
    def of(cls, page: InvoicePage) -> "InvoicesAnswer":
        """That page."""
        last = page.invoices[-1].invoice_id if page.more and page.invoices else None
        return cls(
            invoices=tuple(InvoiceAnswer.of(invoice) for invoice in page.invoices), next_after=last
        )
