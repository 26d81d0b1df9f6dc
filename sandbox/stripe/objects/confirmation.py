"""What becomes of a PaymentIntent when a card is charged for it."""

from typing import Any

from sandbox.stripe.cards import AUTHENTICATION_REQUIRED, EXPIRED, Decline
from sandbox.stripe.objects import charge
from sandbox.stripe.objects.decline import card_error, decline_facts
from sandbox.stripe.objects.event import emit
from sandbox.stripe.objects.payment_intent import PaymentIntent
from sandbox.stripe.objects.payment_method import PaymentMethod, attach
from sandbox.stripe.wire.refusals import invalid_request
from sandbox.stripe.work import Work

REFUSED_BY_HOLDER = Decline(
    code="payment_intent_authentication_failure",
    decline_code="",
    message=(
        "The provided PaymentMethod has failed authentication. You can provide payment_method_data"
        " or a new PaymentMethod to attempt to fulfill this PaymentIntent again."
    ),
)


def check_owner(intent: PaymentIntent, method: PaymentMethod) -> None:
    """Whether the card may pay for that PaymentIntent.

    Raises:
        Refusal: 400, the card is somebody else's or was detached.
    """
    if method.customer == intent.customer and not method.spent:
        return
    if method.customer is not None and intent.customer is None:
        raise invalid_request(
            "The provided PaymentMethod is attached to a Customer. Include that Customer in the"
            " `customer` parameter of your request.",
            param="payment_method",
        )
    if method.customer is not None:
        raise invalid_request(
            f"The customer does not have a payment method with the ID {method.id}. The payment"
            " method must be attached to the customer.",
            param="payment_method",
        )
    if method.spent:
        raise invalid_request(
            "The provided PaymentMethod was previously used with a PaymentIntent without Customer"
            " attachment, or was detached from a Customer, and may not be used again.",
            param="payment_method",
        )


def confirm(
    work: Work,
    intent: PaymentIntent,
    method: PaymentMethod,
    *,
    off_session: bool,
    return_url: str | None,
    never_act: bool = False,
) -> PaymentIntent:
    """Charge the card, or ask its holder first.

    `never_act` is `error_on_requires_action`: decline where the holder would be asked.

    Raises:
        Refusal: 402, the card was declined; the PaymentIntent says so too. 400, the holder
            may have to be asked and there is no `return_url` to come back to.
    """
    if intent.may_redirect and not off_session and return_url is None:
        raise invalid_request(
            "This PaymentIntent is configured to accept payment methods enabled in your Dashboard."
            " Because some of these payment methods might redirect your customer off of your page,"
            " you must provide a `return_url`. If you don't want to accept redirect-based payment"
            " methods, set `automatic_payment_methods[enabled]` to `true` and"
            " `automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents"
            " and Payment Intents."
        )
    if not _holder_is_asked(method, off_session=off_session):
        return settle(work, intent, method)
    if off_session or never_act:
        return _declined(work, intent, method, AUTHENTICATION_REQUIRED)
    changes = {
        "status": "requires_action",
        "payment_method": method.id,
        "last_payment_error": None,
        "next_action": _next_action(work, intent, return_url),
    }
    waiting = work.save(intent.model_copy(update=changes))
    emit(work, "payment_intent.requires_action", waiting)
    return waiting


def settle(work: Work, intent: PaymentIntent, method: PaymentMethod) -> PaymentIntent:
    """Charge the card, its holder having approved where that was needed.

    Raises:
        Refusal: 402, the card was declined.
    """
    decline = EXPIRED if method.expired(work.now) else method.behaviour.charging
    if decline is not None:
        return _declined(work, intent, method, decline)
    if intent.customer is not None and intent.setup_future_usage and method.customer is None:
        method = attach(work, method, intent.customer, set_up=True)
    elif method.customer is None:
        work.save(method.model_copy(update={"spent": True}))
    attempt = charge.attempted(work, intent.wire(), method, None)
    changes = {
        "status": "succeeded",
        "amount_received": intent.amount,
        "payment_method": method.id,
        "latest_charge": attempt.id,
        "last_payment_error": None,
        "next_action": None,
    }
    paid = work.save(intent.model_copy(update=changes))
    emit(work, "payment_intent.succeeded", paid)
    return paid


def refused_by_holder(work: Work, intent: PaymentIntent, method: PaymentMethod) -> PaymentIntent:
    """The holder did not approve: no charge was attempted, another card may be."""
    facts = decline_facts(REFUSED_BY_HOLDER)
    facts["type"] = "invalid_request_error"
    del facts["decline_code"]
    return _failed(work, intent, facts, method, latest_charge=intent.latest_charge)


def _holder_is_asked(method: PaymentMethod, *, off_session: bool) -> bool:
    asks = method.behaviour.authentication
    return asks == "always" or (asks == "unless_set_up" and not (off_session and method.set_up))


def _next_action(work: Work, intent: PaymentIntent, return_url: str | None) -> dict[str, Any]:
    if return_url is None:
        return {"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure_redirect"}}
    page = f"{work.base_url}/authenticate/{intent.id}"
    return {
        "type": "redirect_to_url",
        "redirect_to_url": {"return_url": return_url, "url": page},
    }


def _declined(
    work: Work, intent: PaymentIntent, method: PaymentMethod, decline: Decline
) -> PaymentIntent:
    attempt = charge.attempted(work, intent.wire(), method, decline)
    facts = {**decline_facts(decline), "charge": attempt.id}
    failed = _failed(work, intent, facts, method, latest_charge=attempt.id)
    raise card_error(
        decline, charge=attempt.id, payment_intent=failed.wire(), payment_method=method.wire()
    )


def _failed(
    work: Work,
    intent: PaymentIntent,
    facts: dict[str, Any],
    method: PaymentMethod,
    *,
    latest_charge: str | None,
) -> PaymentIntent:
    changes = {
        "status": "requires_payment_method",
        "payment_method": None,
        "latest_charge": latest_charge,
        "last_payment_error": {**facts, "payment_method": method.wire()},
        "next_action": None,
    }
    failed = work.save(intent.model_copy(update=changes))
    emit(work, "payment_intent.payment_failed", failed)
    return failed
