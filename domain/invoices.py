"""What an account is billed for its subscription."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from domain.frozen import Frozen, Instant
from domain.money import Money


class InvoiceStatus(StrEnum):
    """Where an invoice stands. Programs may rely on these words."""

    DRAFT = "draft"
    OPEN = "open"
    PAID = "paid"
    UNCOLLECTIBLE = "uncollectible"
    """Given up by an operator; it may still be paid."""
    VOID = "void"
    """It can never be paid any more."""


class Invoice(Frozen):
    """One invoice of a subscription."""

    invoice_id: str
    number: str | None = None
    status: InvoiceStatus
    amount_due: Money
    amount_paid: Money
    created_at: Instant
    since: Instant
    """When it became owed."""
    attempted: bool = False
    """Whether it was tried to take the money."""
    subscription_id: str | None = None
    url: Annotated[str | None, Field(repr=False)] = None
    """The payment service's page on which it can be looked at and paid. For this parent alone."""
    pdf_url: Annotated[str | None, Field(repr=False)] = None

    @property
    def failed(self) -> bool:
        """Whether it is owed, and taking the money did not work."""
        return self.status is InvoiceStatus.OPEN and self.attempted


class InvoicePage(Frozen):
    """Some invoices, newest first."""

    invoices: tuple[Invoice, ...] = ()
    more: bool = False
    """Whether older ones follow."""
