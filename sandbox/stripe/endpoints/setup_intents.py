"""/v1/setup_intents."""

from typing import Any, ClassVar

from stripe.params import SetupIntentListParams, SetupIntentRetrieveParams

from sandbox.stripe.api import Endpoint
from sandbox.stripe.objects.setup_intent import SetupIntent
from sandbox.stripe.wire.listing import ListParameters, page
from sandbox.stripe.wire.parameters import Parameters, names_of
from sandbox.stripe.work import Work


class RetrieveSetupIntent(Parameters):
    """Of one SetupIntent."""

    known: ClassVar = names_of(SetupIntentRetrieveParams)


class ListSetupIntents(ListParameters):
    """By customer, time and card."""

    known: ClassVar = names_of(SetupIntentListParams)

    payment_method: str | None = None


def retrieve(work: Work, asked: RetrieveSetupIntent) -> SetupIntent:  # noqa: ARG001 - an action's shape
    """One SetupIntent."""
    return work.named(SetupIntent)


def listed(work: Work, asked: ListSetupIntents) -> dict[str, Any]:
    """Newest first."""
    where = {"payment_method": asked.payment_method}
    return page(work, SetupIntent, asked, url="/v1/setup_intents", where=where)


ENDPOINTS: tuple[Endpoint[Any], ...] = (
    Endpoint("GET", "/v1/setup_intents", ListSetupIntents, listed),
    Endpoint("GET", "/v1/setup_intents/{id}", RetrieveSetupIntent, retrieve),
)
