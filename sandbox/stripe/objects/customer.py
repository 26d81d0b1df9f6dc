"""A customer: whom cards belong to."""

from typing import Any, ClassVar, Literal

from pydantic import Field

from domain.frozen import Frozen
from sandbox.stripe.records import Record
from sandbox.stripe.wire.refusals import missing
from sandbox.stripe.work import Work


class InvoiceSettings(Frozen):
    """What invoices use unless told otherwise."""

    custom_fields: None = None
    default_payment_method: str | None = None
    footer: None = None
    rendering_options: None = None


class Customer(Record):
    """A customer. A deleted one keeps its id and nothing else."""

    hidden: ClassVar = frozenset({"deleted"})

    object: Literal["customer"] = "customer"
    address: None = None
    balance: int = 0
    currency: None = None
    default_source: None = None
    delinquent: bool = False
    description: str | None = None
    discount: None = None
    email: str | None = None
    invoice_prefix: str = ""
    invoice_settings: InvoiceSettings = InvoiceSettings()
    metadata: dict[str, str] = Field(default_factory=dict[str, str])
    name: str | None = None
    next_invoice_sequence: int = 1
    phone: str | None = None
    preferred_locales: tuple[str, ...] = ()
    shipping: None = None
    tax_exempt: str = "none"
    test_clock: None = None
    deleted: bool = False

    def __repr__(self) -> str:
        return f"Customer({self.id})"

    __str__ = __repr__

    def wire(self) -> dict[str, Any]:
        """As it is sent."""
        if self.deleted:
            return {"id": self.id, "object": "customer", "deleted": True}
        return super().wire()


def living(work: Work, identifier: str, *, param: str = "customer") -> Customer:
    """The customer that a parameter names, unless deleted.

    Raises:
        Refusal: 400, there is none.
    """
    customer = work.get(Customer, identifier, param=param)
    if customer.deleted:
        raise missing("customer", identifier, param=param)
    return customer
