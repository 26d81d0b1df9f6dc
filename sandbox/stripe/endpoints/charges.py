"""/v1/charges, to be read only."""

from typing import Any, ClassVar

from stripe.params import ChargeListParams, ChargeRetrieveParams

from sandbox.stripe.api import Endpoint
from sandbox.stripe.objects.charge import Charge
from sandbox.stripe.wire.listing import ListParameters, page
from sandbox.stripe.wire.parameters import Parameters, names_of
from sandbox.stripe.work import Work


class RetrieveCharge(Parameters):
    """Of one charge."""

    known: ClassVar = names_of(ChargeRetrieveParams)


class ListCharges(ListParameters):
    """By customer, time and PaymentIntent."""

    known: ClassVar = names_of(ChargeListParams)

    payment_intent: str | None = None


def retrieve(work: Work, asked: RetrieveCharge) -> Charge:  # noqa: ARG001 - an action's shape
    """One charge."""
    return work.named(Charge)


def listed(work: Work, asked: ListCharges) -> dict[str, Any]:
    """Newest first."""
    where = {"payment_intent": asked.payment_intent}
    return page(work, Charge, asked, url="/v1/charges", where=where)


ENDPOINTS: tuple[Endpoint[Any], ...] = (
    Endpoint("GET", "/v1/charges", ListCharges, listed),
    Endpoint("GET", "/v1/charges/{id}", RetrieveCharge, retrieve),
)
