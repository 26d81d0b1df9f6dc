"""/v1/prices, to be read only."""

from typing import Any, ClassVar

from stripe.params import PriceListParams, PriceRetrieveParams

from sandbox.stripe.api import Endpoint
from sandbox.stripe.objects.price import Price
from sandbox.stripe.wire.listing import ListParameters, page
from sandbox.stripe.wire.parameters import Parameters, names_of
from sandbox.stripe.work import Work


class RetrievePrice(Parameters):
    """Of one price."""

    known: ClassVar = names_of(PriceRetrieveParams)


class ListPrices(ListParameters):
    """By time and product."""

    known: ClassVar = names_of(PriceListParams)

    product: str | None = None


def retrieve(work: Work, asked: RetrievePrice) -> Price:  # noqa: ARG001 - an action's shape
    """One price."""
    return work.named(Price)


def listed(work: Work, asked: ListPrices) -> dict[str, Any]:
    """Newest first."""
    return page(work, Price, asked, url="/v1/prices", where={"product": asked.product})


ENDPOINTS: tuple[Endpoint[Any], ...] = (
    Endpoint("GET", "/v1/prices", ListPrices, listed),
    Endpoint("GET", "/v1/prices/{id}", RetrievePrice, retrieve),
)
