"""/v1/customers."""

from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict
from stripe.params import (
    CustomerCreateParams,
    CustomerDeleteParams,
    CustomerListParams,
    CustomerRetrieveParams,
    CustomerUpdateParams,
)

from sandbox.stripe.api import Endpoint
from sandbox.stripe.objects import payment_method
from sandbox.stripe.objects.customer import Customer, InvoiceSettings
from sandbox.stripe.objects.event import emit
from sandbox.stripe.wire.form import Clearable
from sandbox.stripe.wire.identifiers import new_id, random_text
from sandbox.stripe.wire.listing import ListParameters, page
from sandbox.stripe.wire.parameters import Parameters, SentMetadata, Updating, merged, names_of
from sandbox.stripe.wire.refusals import missing
from sandbox.stripe.work import Work


class SentInvoiceSettings(BaseModel):
    """`invoice_settings[...]`."""

    model_config = ConfigDict(frozen=True)

    default_payment_method: Clearable[str] = None


class UpdateCustomer(Updating):
    """An empty string unsets a value."""

    known: ClassVar = names_of(CustomerUpdateParams)

    description: Clearable[str] = None
    email: Clearable[str] = None
    invoice_settings: SentInvoiceSettings | None = None
    metadata: SentMetadata = None
    name: Clearable[str] = None
    phone: Clearable[str] = None


class CreateCustomer(UpdateCustomer):
    """Nothing is required."""

    known: ClassVar = names_of(CustomerCreateParams)

    payment_method: str | None = None
    """A card to attach at once."""


class RetrieveCustomer(Parameters):
    """Of one customer."""

    known: ClassVar = names_of(CustomerRetrieveParams)


class DeleteCustomer(Parameters):
    """Of one customer."""

    known: ClassVar = names_of(CustomerDeleteParams)


class ListCustomers(ListParameters):
    """An e-mail address is compared to the letter, as Stripe does."""

    known: ClassVar = names_of(CustomerListParams)

    email: str | None = None


def create(work: Work, asked: CreateCustomer) -> Customer:
    """A new customer; two may share an e-mail address."""
    prefix = random_text(8).upper()
    customer = Customer(id=new_id("cus"), created=work.now, invoice_prefix=prefix)
    if asked.payment_method is not None:
        card = payment_method.usable(work, asked.payment_method)
        payment_method.attach(work, card, customer.id)
    customer = work.save(_changed(work, customer, asked))
    emit(work, "customer.created", customer)
    return customer


def retrieve(work: Work, asked: RetrieveCustomer) -> Customer:  # noqa: ARG001 - an action's shape
    """One customer, deleted or not."""
    return work.named(Customer)


def update(work: Work, asked: UpdateCustomer) -> Customer:
    """Change what was sent."""
    customer = work.save(_changed(work, _living(work), asked))
    emit(work, "customer.updated", customer)
    return customer


def delete(work: Work, asked: DeleteCustomer) -> Customer:  # noqa: ARG001 - an action's shape
    """Forget the customer and detach the cards; past payments stay."""
    customer = _living(work)
    for card in payment_method.cards_of(work, customer.id):
        payment_method.detach(work, card)
    emit(work, "customer.deleted", customer)
    return work.save(Customer(id=customer.id, created=customer.created, deleted=True))


def listed(work: Work, asked: ListCustomers) -> dict[str, Any]:
    """Newest first, without the deleted."""
    where = {"email": asked.email, "deleted": 0}
    return page(work, Customer, asked, url="/v1/customers", where=where)


def _living(work: Work) -> Customer:
    customer = work.named(Customer)
    if customer.deleted:
        raise missing("customer", customer.id, param="id", status=404)
    return customer


def _changed(work: Work, customer: Customer, asked: UpdateCustomer) -> Customer:
    changes = asked.changes("description", "email", "name", "phone")
    if "metadata" in asked.model_fields_set:
        changes["metadata"] = merged(customer.metadata, asked.metadata)
    if asked.invoice_settings is not None:
        default = asked.invoice_settings.default_payment_method
        if default is not None:
            _check_owner(work, default, customer.id)
        changes["invoice_settings"] = InvoiceSettings(default_payment_method=default)
    return customer.model_copy(update=changes)


def _check_owner(work: Work, method_id: str, customer_id: str) -> None:
    method = work.find(payment_method.PaymentMethod, method_id)
    if method is None or method.customer != customer_id:
        param = "invoice_settings[default_payment_method]"
        raise missing("PaymentMethod", method_id, param=param)


ENDPOINTS: tuple[Endpoint[Any], ...] = (
    Endpoint("POST", "/v1/customers", CreateCustomer, create),
    Endpoint("GET", "/v1/customers", ListCustomers, listed),
    Endpoint("GET", "/v1/customers/{id}", RetrieveCustomer, retrieve),
    Endpoint("POST", "/v1/customers/{id}", UpdateCustomer, update),
    Endpoint("DELETE", "/v1/customers/{id}", DeleteCustomer, delete),
)
