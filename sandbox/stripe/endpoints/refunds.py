"""/v1/refunds."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field
from stripe.params import RefundCreateParams, RefundListParams, RefundRetrieveParams

from sandbox.stripe.api import Endpoint
from sandbox.stripe.objects import refund
from sandbox.stripe.objects.charge import Charge
from sandbox.stripe.objects.payment_intent import PaymentIntent
from sandbox.stripe.objects.refund import Refund
from sandbox.stripe.wire.listing import ListParameters, page
from sandbox.stripe.wire.parameters import Metadata, Parameters, names_of
from sandbox.stripe.wire.refusals import invalid_request
from sandbox.stripe.work import Work


class CreateRefund(Parameters):
    """Of a PaymentIntent or a charge; without an amount, of all that is left."""

    known: ClassVar = names_of(RefundCreateParams)

    amount: Annotated[int, Field(ge=1)] | None = None
    charge: str | None = None
    metadata: Metadata = Field(default_factory=dict[str, str])
    payment_intent: str | None = None
    reason: Literal["duplicate", "fraudulent", "requested_by_customer"] | None = None


class RetrieveRefund(Parameters):
    """Of one refund."""

    known: ClassVar = names_of(RefundRetrieveParams)


class ListRefunds(ListParameters):
    """By time, charge and PaymentIntent."""

    known: ClassVar = names_of(RefundListParams)

    charge: str | None = None
    payment_intent: str | None = None


def create(work: Work, asked: CreateRefund) -> Refund:
    """Give money back."""
    return refund.give_back(
        work,
        _charge(work, asked),
        amount=asked.amount,
        reason=asked.reason,
        metadata={name: text for name, text in asked.metadata.items() if text},
    )


def retrieve(work: Work, asked: RetrieveRefund) -> Refund:  # noqa: ARG001 - an action's shape
    """One refund."""
    return work.named(Refund)


def listed(work: Work, asked: ListRefunds) -> dict[str, Any]:
    """Newest first."""
    where = {"charge": asked.charge, "payment_intent": asked.payment_intent}
    return page(work, Refund, asked, url="/v1/refunds", where=where)


def _charge(work: Work, asked: CreateRefund) -> Charge:
    if asked.charge is not None:
        return work.get(Charge, asked.charge, param="charge")
    if asked.payment_intent is None:
        raise invalid_request(
            "One of the following params should be provided for this request: payment_intent or"
            " charge."
        )
    intent = work.get(PaymentIntent, asked.payment_intent, param="payment_intent")
    if intent.status != "succeeded" or intent.latest_charge is None:
        raise invalid_request(
            f"This PaymentIntent ({intent.id}) does not have a successful charge to refund."
        )
    return work.get(Charge, intent.latest_charge, param="payment_intent")


ENDPOINTS: tuple[Endpoint[Any], ...] = (
    Endpoint("POST", "/v1/refunds", CreateRefund, create),
    Endpoint("GET", "/v1/refunds", ListRefunds, listed),
    Endpoint("GET", "/v1/refunds/{id}", RetrieveRefund, retrieve),
)
