"""GET /v1/events."""

from typing import Any, ClassVar

from stripe.params import EventListParams, EventRetrieveParams

from sandbox.stripe.api import Endpoint
from sandbox.stripe.objects.event import Event
from sandbox.stripe.wire.form import Indexed
from sandbox.stripe.wire.listing import ListParameters, page
from sandbox.stripe.wire.parameters import Parameters, names_of
from sandbox.stripe.work import Work


class RetrieveEvent(Parameters):
    """Of one event."""

    known: ClassVar = names_of(EventRetrieveParams)


class ListEvents(ListParameters):
    """Types may hold `*`."""

    known: ClassVar = names_of(EventListParams)

    type: str | None = None
    types: Indexed[str] = ()


def retrieve(work: Work, asked: RetrieveEvent) -> Event:  # noqa: ARG001 - an action's shape
    """One event."""
    return work.named(Event)


def listed(work: Work, asked: ListEvents) -> dict[str, Any]:
    """Newest first."""
    types = asked.types if asked.type is None else (asked.type,)
    return page(work, Event, asked, url="/v1/events", where={"type": types})


ENDPOINTS: tuple[Endpoint[Any], ...] = (
    Endpoint("GET", "/v1/events", ListEvents, listed),
    Endpoint("GET", "/v1/events/{id}", RetrieveEvent, retrieve),
)
