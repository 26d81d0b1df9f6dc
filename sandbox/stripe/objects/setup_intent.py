"""A SetupIntent: the saving of a card for payments without the cardholder."""

from typing import Any, Literal

from pydantic import Field

from sandbox.stripe.cards import TestCard
from sandbox.stripe.objects.decline import decline_facts
from sandbox.stripe.objects.event import emit
from sandbox.stripe.objects.payment_method import PaymentMethod, attach, made_of
from sandbox.stripe.records import Record
from sandbox.stripe.wire.identifiers import new_id, random_text
from sandbox.stripe.work import Work


class SetupIntent(Record):
    """Made by a Checkout Session in setup mode, ended by its page."""

    object: Literal["setup_intent"] = "setup_intent"
    application: None = None
    automatic_payment_methods: None = None
    cancellation_reason: str | None = None
    client_secret: str
    customer: str | None = None
    description: str | None = None
    flow_directions: None = None
    last_setup_error: dict[str, Any] | None = None
    latest_attempt: None = None
    mandate: None = None
    metadata: dict[str, str] = Field(default_factory=dict[str, str])
    next_action: None = None
    on_behalf_of: None = None
    payment_method: str | None = None
    payment_method_types: tuple[str, ...] = ("card",)
    single_use_mandate: None = None
    status: Literal["requires_payment_method", "succeeded", "canceled"] = "requires_payment_method"
    usage: str = "off_session"


def create(
    work: Work, *, customer: str | None, metadata: dict[str, str], description: str | None
) -> SetupIntent:
    """A new one, waiting for a card."""
    identifier = new_id("seti")
    intent = SetupIntent(
        id=identifier,
        created=work.now,
        client_secret=f"{identifier}_secret_{random_text(24)}",
        customer=customer,
        metadata=metadata,
        description=description,
    )
    work.save(intent)
    emit(work, "setup_intent.created", intent)
    return intent


def save_card(work: Work, intent: SetupIntent, card: TestCard) -> SetupIntent:
    """Save the card, approved by its holder; a card that cannot be saved leaves its reason.

    The answer's status is `succeeded` or, with `last_setup_error`, `requires_payment_method`.
    """
    method = made_of(work, card)
    if card.attaching is not None:
        error = {**decline_facts(card.attaching), "payment_method": method.wire()}
        failed = work.save(intent.model_copy(update={"last_setup_error": error}))
        emit(work, "setup_intent.setup_failed", failed)
        return failed
    if intent.customer is not None:
        method = attach(work, method, intent.customer, set_up=True)
    return _succeeded(work, intent, method)


def cancel(work: Work, intent: SetupIntent, reason: str) -> SetupIntent:
    """End it without a card."""
    changes = {"status": "canceled", "cancellation_reason": reason}
    canceled = work.save(intent.model_copy(update=changes))
    emit(work, "setup_intent.canceled", canceled)
    return canceled


def _succeeded(work: Work, intent: SetupIntent, method: PaymentMethod) -> SetupIntent:
    changes = {"status": "succeeded", "payment_method": method.id, "last_setup_error": None}
    succeeded = work.save(intent.model_copy(update=changes))
    emit(work, "setup_intent.succeeded", succeeded)
    return succeeded
