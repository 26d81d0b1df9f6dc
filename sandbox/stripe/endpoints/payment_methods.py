"""/v1/payment_methods and /v1/customers/{id}/payment_methods."""

from typing import Any, ClassVar

from stripe.params import (
    CustomerPaymentMethodListParams,
    CustomerPaymentMethodRetrieveParams,
    PaymentMethodAttachParams,
    PaymentMethodDetachParams,
    PaymentMethodListParams,
    PaymentMethodRetrieveParams,
)

from sandbox.stripe.api import Endpoint
from sandbox.stripe.objects import payment_method
from sandbox.stripe.objects.customer import Customer, living
from sandbox.stripe.objects.payment_method import PaymentMethod
from sandbox.stripe.wire.listing import ListParameters, page
from sandbox.stripe.wire.parameters import Parameters, names_of
from sandbox.stripe.wire.refusals import invalid_request, missing
from sandbox.stripe.work import Work


class RetrievePaymentMethod(Parameters):
    """Of one payment method."""

    known: ClassVar = names_of(PaymentMethodRetrieveParams)


class RetrieveOfCustomer(Parameters):
    """Of one customer's payment method."""

    known: ClassVar = names_of(CustomerPaymentMethodRetrieveParams)


class ListPaymentMethods(ListParameters):
    """A customer is asked for: a list of everybody's cards does not exist."""

    known: ClassVar = names_of(PaymentMethodListParams)

    type: str | None = None


class ListOfCustomer(ListPaymentMethods):
    """The customer is in the path."""

    known: ClassVar = names_of(CustomerPaymentMethodListParams)


class AttachPaymentMethod(Parameters):
    """To whom."""

    known: ClassVar = names_of(PaymentMethodAttachParams)

    customer: str


class DetachPaymentMethod(Parameters):
    """Of one payment method."""

    known: ClassVar = names_of(PaymentMethodDetachParams)


def retrieve(work: Work, asked: RetrievePaymentMethod) -> PaymentMethod:  # noqa: ARG001 - an action's shape
    """One payment method."""
    return work.named(PaymentMethod)


def retrieve_of_customer(work: Work, asked: RetrieveOfCustomer) -> PaymentMethod:  # noqa: ARG001 - an action's shape
    """One payment method, if it is that customer's."""
    identifier = work.path["method"]
    method = work.find(PaymentMethod, identifier)
    if method is None or method.customer != work.path["id"]:
        raise missing("PaymentMethod", identifier, param="id", status=404)
    return method


def listed(work: Work, asked: ListPaymentMethods) -> dict[str, Any]:
    """Newest first."""
    if asked.customer is None:
        raise invalid_request("Missing required param: customer.", param="customer")
    living(work, asked.customer)
    return page(work, PaymentMethod, asked, url="/v1/payment_methods", where={"type": asked.type})


def listed_of_customer(work: Work, asked: ListOfCustomer) -> dict[str, Any]:
    """Newest first."""
    customer = work.named(Customer)
    url = f"/v1/customers/{customer.id}/payment_methods"
    where = {"customer": customer.id, "type": asked.type}
    return page(work, PaymentMethod, asked, url=url, where=where)


def attach(work: Work, asked: AttachPaymentMethod) -> PaymentMethod:
    """Save the card for the customer; `pm_card_visa` and the like make a new one."""
    customer = living(work, asked.customer)
    return payment_method.attach(work, payment_method.usable(work, work.path["id"]), customer.id)


def detach(work: Work, asked: DetachPaymentMethod) -> PaymentMethod:  # noqa: ARG001 - an action's shape
    """Take the card from its customer."""
    method = work.named(PaymentMethod)
    if method.customer is None:
        raise invalid_request(
            "The payment method you provided is not attached to a customer so detachment is"
            " impossible."
        )
    return payment_method.detach(work, method)


ENDPOINTS: tuple[Endpoint[Any], ...] = (
    Endpoint("GET", "/v1/payment_methods", ListPaymentMethods, listed),
    Endpoint("GET", "/v1/payment_methods/{id}", RetrievePaymentMethod, retrieve),
    Endpoint("POST", "/v1/payment_methods/{id}/attach", AttachPaymentMethod, attach),
    Endpoint("POST", "/v1/payment_methods/{id}/detach", DetachPaymentMethod, detach),
    Endpoint("GET", "/v1/customers/{id}/payment_methods", ListOfCustomer, listed_of_customer),
    Endpoint(
        "GET",
        "/v1/customers/{id}/payment_methods/{method}",
        RetrieveOfCustomer,
        retrieve_of_customer,
    ),
)
