"""/v1/payment_intents."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field
from stripe.params import (
    PaymentIntentCancelParams,
    PaymentIntentConfirmParams,
    PaymentIntentCreateParams,
    PaymentIntentListParams,
    PaymentIntentRetrieveParams,
)

from sandbox.stripe.api import Endpoint
from sandbox.stripe.objects import confirmation
from sandbox.stripe.objects.customer import living
from sandbox.stripe.objects.event import emit
from sandbox.stripe.objects.payment_intent import PaymentIntent
from sandbox.stripe.objects.payment_method import PaymentMethod, usable
from sandbox.stripe.wire.form import Indexed
from sandbox.stripe.wire.identifiers import new_id, random_text
from sandbox.stripe.wire.listing import ListParameters, page
from sandbox.stripe.wire.parameters import Currency, Metadata, Parameters, WebAddress, names_of
from sandbox.stripe.wire.refusals import invalid_request
from sandbox.stripe.work import Work

LEAST_CENTS = 50
"""Stripe's minimum charge in US dollars."""

WITHOUT_A_CARD = (
    "You cannot confirm this PaymentIntent because it's missing a payment method. You can either"
    " update the PaymentIntent with a payment method and then confirm it again, or confirm it again"
    " directly with a payment method."
)

OffSession = Literal["true", "false", "one_off", "recurring"]


class AutomaticPaymentMethods(BaseModel):
    """`automatic_payment_methods[...]`."""

    model_config = ConfigDict(frozen=True)

    enabled: bool
    allow_redirects: Literal["always", "never"] = "always"


class CreatePaymentIntent(Parameters):
    """Manual capture and confirmation are not simulated."""

    known: ClassVar = names_of(PaymentIntentCreateParams)

    amount: Annotated[int, Field(ge=0, le=99_999_999)]
    currency: Currency
    allowed_payment_method_types: Indexed[Literal["card"]] = ()
    automatic_payment_methods: AutomaticPaymentMethods = AutomaticPaymentMethods(enabled=True)
    capture_method: Literal["automatic", "automatic_async"] = "automatic_async"
    confirm: bool = False
    confirmation_method: Literal["automatic"] = "automatic"
    customer: str | None = None
    description: str | None = None
    error_on_requires_action: bool = False
    metadata: Metadata = Field(default_factory=dict[str, str])
    off_session: OffSession | None = None
    payment_method: str | None = None
    receipt_email: str | None = None
    return_url: WebAddress | None = None
    setup_future_usage: Literal["off_session", "on_session"] | None = None
    statement_descriptor: str | None = None
    statement_descriptor_suffix: str | None = None


class ConfirmPaymentIntent(Parameters):
    """A payment method is needed unless the PaymentIntent has one."""

    known: ClassVar = names_of(PaymentIntentConfirmParams)

    error_on_requires_action: bool = False
    off_session: OffSession | None = None
    payment_method: str | None = None
    return_url: WebAddress | None = None


class CancelPaymentIntent(Parameters):
    """Why."""

    known: ClassVar = names_of(PaymentIntentCancelParams)

    cancellation_reason: (
        Literal["abandoned", "duplicate", "fraudulent", "requested_by_customer"] | None
    ) = None


class RetrievePaymentIntent(Parameters):
    """Of one PaymentIntent."""

    known: ClassVar = names_of(PaymentIntentRetrieveParams)


class ListPaymentIntents(ListParameters):
    """By customer and time."""

    known: ClassVar = names_of(PaymentIntentListParams)


def create(work: Work, asked: CreatePaymentIntent) -> PaymentIntent:
    """A new PaymentIntent; with `confirm`, charged at once."""
    if asked.amount < LEAST_CENTS:
        raise invalid_request(
            f"Amount must be at least $0.50 {asked.currency}.",
            code="amount_too_small",
            param="amount",
        )
    off_session = asked.off_session not in (None, "false")
    if off_session and not asked.confirm:
        raise invalid_request(
            "The parameter `off_session` can only be used when `confirm` is `true`.",
            param="off_session",
        )
    if asked.customer is not None:
        living(work, asked.customer)
    method = None if asked.payment_method is None else usable(work, asked.payment_method)
    intent = _drafted(work, asked, method)
    if method is not None:
        confirmation.check_owner(intent, method)
    if not asked.confirm:
        return _created(work, intent)
    if method is None:
        raise invalid_request(WITHOUT_A_CARD, code="payment_intent_unexpected_state")
    return confirmation.confirm(
        work,
        _created(work, intent),
        method,
        off_session=off_session,
        return_url=asked.return_url,
        never_act=asked.error_on_requires_action,
    )


def confirm(work: Work, asked: ConfirmPaymentIntent) -> PaymentIntent:
    """Charge a PaymentIntent that waits for it."""
    intent = work.named(PaymentIntent)
    if intent.settled:
        ended = "succeeded" if intent.status == "succeeded" else "been canceled"
        raise intent.unexpected_state(
            f"You cannot confirm this PaymentIntent because it has already {ended} after being"
            " previously confirmed."
        )
    chosen = asked.payment_method or intent.payment_method
    if chosen is None:
        raise intent.unexpected_state(WITHOUT_A_CARD)
    method = usable(work, chosen)
    confirmation.check_owner(intent, method)
    return confirmation.confirm(
        work,
        intent,
        method,
        off_session=asked.off_session not in (None, "false"),
        return_url=asked.return_url,
        never_act=asked.error_on_requires_action,
    )


def cancel(work: Work, asked: CancelPaymentIntent) -> PaymentIntent:
    """End it uncharged."""
    intent = work.named(PaymentIntent)
    if intent.settled:
        raise intent.unexpected_state(
            f"You cannot cancel this PaymentIntent because it has a status of {intent.status}."
            " Only a PaymentIntent with one of the following statuses may be canceled:"
            " requires_payment_method, requires_capture, requires_confirmation, requires_action,"
            " processing."
        )
    changes = {
        "status": "canceled",
        "canceled_at": work.now,
        "cancellation_reason": asked.cancellation_reason,
        "next_action": None,
    }
    canceled = work.save(intent.model_copy(update=changes))
    emit(work, "payment_intent.canceled", canceled)
    return canceled


def retrieve(work: Work, asked: RetrievePaymentIntent) -> PaymentIntent:  # noqa: ARG001 - an action's shape
    """One PaymentIntent."""
    return work.named(PaymentIntent)


def listed(work: Work, asked: ListPaymentIntents) -> dict[str, Any]:
    """Newest first."""
    return page(work, PaymentIntent, asked, url="/v1/payment_intents")


def _drafted(work: Work, asked: CreatePaymentIntent, method: PaymentMethod | None) -> PaymentIntent:
    identifier = new_id("pi")
    return PaymentIntent(
        id=identifier,
        created=work.now,
        allowed_payment_method_types=asked.allowed_payment_method_types or None,
        amount=asked.amount,
        automatic_payment_methods=asked.automatic_payment_methods.model_dump(),
        capture_method=asked.capture_method,
        client_secret=f"{identifier}_secret_{random_text(24)}",
        currency=asked.currency,
        customer=asked.customer,
        description=asked.description,
        idempotency_key=work.idempotency_key,
        key_expires_at=work.key_expires_at,
        metadata={name: text for name, text in asked.metadata.items() if text},
        payment_method=None if method is None else method.id,
        receipt_email=asked.receipt_email,
        setup_future_usage=asked.setup_future_usage,
        statement_descriptor=asked.statement_descriptor,
        statement_descriptor_suffix=asked.statement_descriptor_suffix,
        status="requires_payment_method" if method is None else "requires_confirmation",
    )


def _created(work: Work, intent: PaymentIntent) -> PaymentIntent:
    work.save(intent)
    emit(work, "payment_intent.created", intent)
    return intent


ENDPOINTS: tuple[Endpoint[Any], ...] = (
    Endpoint("POST", "/v1/payment_intents", CreatePaymentIntent, create),
    Endpoint("GET", "/v1/payment_intents", ListPaymentIntents, listed),
    Endpoint("GET", "/v1/payment_intents/{id}", RetrievePaymentIntent, retrieve),
    Endpoint("POST", "/v1/payment_intents/{id}/confirm", ConfirmPaymentIntent, confirm),
    Endpoint("POST", "/v1/payment_intents/{id}/cancel", CancelPaymentIntent, cancel),
)
