"""/v1/checkout/sessions, in the modes setup and subscription."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field
from stripe.params.checkout import (
    SessionCreateParams,
    SessionExpireParams,
    SessionListParams,
    SessionRetrieveParams,
)

from sandbox.stripe.api import Endpoint
from sandbox.stripe.objects import checkout_session, setup_intent
from sandbox.stripe.objects.checkout_session import CheckoutSession
from sandbox.stripe.objects.customer import living
from sandbox.stripe.objects.price import Price
from sandbox.stripe.objects.setup_intent import SetupIntent
from sandbox.stripe.wire.form import Indexed
from sandbox.stripe.wire.identifiers import random_text
from sandbox.stripe.wire.listing import ListParameters, page
from sandbox.stripe.wire.parameters import Currency, Metadata, Parameters, WebAddress, names_of
from sandbox.stripe.wire.refusals import invalid_request
from sandbox.stripe.work import Work

SHORTEST_SECONDS = 30 * 60
LONGEST_SECONDS = 24 * 60 * 60
"""Stripe's bounds of a session's life."""


class SetupIntentData(BaseModel):
    """`setup_intent_data[...]`."""

    model_config = ConfigDict(frozen=True)

    description: str | None = None
    metadata: Metadata = Field(default_factory=dict[str, str])


class LineItem(BaseModel):
    """`line_items[0][...]`."""

    model_config = ConfigDict(frozen=True)

    price: str
    quantity: Annotated[int, Field(ge=1, le=1)] = 1


class SubscriptionData(BaseModel):
    """`subscription_data[...]`."""

    model_config = ConfigDict(frozen=True)

    metadata: Metadata = Field(default_factory=dict[str, str])


class CreateSession(Parameters):
    """The mode `payment`, and embedded pages, are not simulated."""

    known: ClassVar = names_of(SessionCreateParams)

    mode: Literal["setup", "subscription"]
    success_url: WebAddress
    allowed_payment_method_types: Indexed[Literal["card"]] = ()
    cancel_url: WebAddress | None = None
    client_reference_id: str | None = None
    currency: Currency | None = None
    customer: str | None = None
    customer_email: str | None = None
    expires_at: int | None = None
    line_items: Indexed[LineItem] = ()
    locale: str | None = None
    metadata: Metadata = Field(default_factory=dict[str, str])
    setup_intent_data: SetupIntentData = SetupIntentData()
    subscription_data: SubscriptionData = SubscriptionData()
    ui_mode: Literal["hosted_page"] = "hosted_page"


class RetrieveSession(Parameters):
    """Of one session."""

    known: ClassVar = names_of(SessionRetrieveParams)


class ExpireSession(Parameters):
    """Of one session."""

    known: ClassVar = names_of(SessionExpireParams)


class ListSessions(ListParameters):
    """By customer, time and status."""

    known: ClassVar = names_of(SessionListParams)

    status: Literal["open", "complete", "expired"] | None = None


def create(work: Work, asked: CreateSession) -> CheckoutSession:
    """A new hosted page."""
    if asked.customer is not None:
        living(work, asked.customer)
    price = _price(work, asked)
    expires_at = work.now + LONGEST_SECONDS if asked.expires_at is None else asked.expires_at
    if not SHORTEST_SECONDS <= expires_at - work.now <= LONGEST_SECONDS:
        raise invalid_request(
            "The `expires_at` timestamp must be at least 30 minutes and at most 24 hours from"
            " Checkout Session creation.",
            param="expires_at",
        )
    intent = None if price is not None else _intent(work, asked)
    identifier = f"cs_test_{random_text(40)}"
    session = CheckoutSession(
        id=identifier,
        created=work.now,
        allowed_payment_method_types=asked.allowed_payment_method_types or None,
        amount_subtotal=price.unit_amount if price else None,
        amount_total=price.unit_amount if price else None,
        cancel_url=asked.cancel_url,
        client_reference_id=asked.client_reference_id,
        currency=price.currency if price else asked.currency,
        customer=asked.customer,
        customer_email=asked.customer_email,
        expires_at=expires_at,
        locale=asked.locale,
        metadata={name: text for name, text in asked.metadata.items() if text},
        mode=asked.mode,
        payment_status="unpaid" if price else "no_payment_required",
        plan_metadata=asked.subscription_data.metadata,
        price=price.id if price else None,
        setup_intent=intent.id if intent else None,
        success_url=asked.success_url,
        url=f"{work.base_url}/checkout/{identifier}",
    )
    return checkout_session.opened(work, session)


def _price(work: Work, asked: CreateSession) -> Price | None:
    """What is subscribed to; None in setup mode.

    Raises:
        Refusal: 400, the mode lacks what it needs.
    """
    if asked.mode == "subscription":
        if not asked.line_items:
            raise invalid_request(
                "You must provide at least one recurring price in `subscription` mode when using"
                " prices.",
                param="line_items",
            )
        if asked.customer is None:
            # Stripe would make one. Nothing here asks for that.
            raise invalid_request("The simulator needs a customer here.", param="customer")
        return work.get(Price, asked.line_items[0].price, param="line_items[0][price]")
    if not asked.allowed_payment_method_types and asked.currency is None:
        raise invalid_request(
            "Missing required param: currency. In `setup` mode it is required when"
            " `allowed_payment_method_types` is not set.",
            code="parameter_missing",
            param="currency",
        )
    return None


def _intent(work: Work, asked: CreateSession) -> SetupIntent:
    return setup_intent.create(
        work,
        customer=asked.customer,
        metadata=asked.setup_intent_data.metadata,
        description=asked.setup_intent_data.description,
    )


def retrieve(work: Work, asked: RetrieveSession) -> CheckoutSession:  # noqa: ARG001 - an action's shape
    """One session."""
    return checkout_session.current(work, work.named(CheckoutSession))


def listed(work: Work, asked: ListSessions) -> dict[str, Any]:
    """Newest first."""
    return page(
        work, CheckoutSession, asked, url="/v1/checkout/sessions", where={"status": asked.status}
    )


def expire(work: Work, asked: ExpireSession) -> CheckoutSession:  # noqa: ARG001 - an action's shape
    """End an open session."""
    session = work.named(CheckoutSession)
    if session.status != "open":
        raise invalid_request(
            f'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout'
            f" Session has a status of {session.status}."
        )
    return checkout_session.expire(work, session)


ENDPOINTS: tuple[Endpoint[Any], ...] = (
    Endpoint("POST", "/v1/checkout/sessions", CreateSession, create),
    Endpoint("GET", "/v1/checkout/sessions", ListSessions, listed),
    Endpoint("GET", "/v1/checkout/sessions/{id}", RetrieveSession, retrieve),
    Endpoint("POST", "/v1/checkout/sessions/{id}/expire", ExpireSession, expire),
)
