"""A declined card, as an error."""

from collections.abc import Mapping
from typing import Any

from sandbox.stripe.cards import Decline
from sandbox.stripe.wire.refusals import Refusal


def decline_facts(decline: Decline) -> dict[str, Any]:
    """What a decline says wherever it is reported: in the error, on the PaymentIntent."""
    page = decline.code.replace("_", "-")
    return {
        "code": decline.code,
        "decline_code": decline.decline_code,
        "doc_url": f"https://stripe.com/docs/error-codes/{page}",
        "message": decline.message,
        "type": "card_error",
    }


def card_error(decline: Decline, **facts: Mapping[str, Any] | str) -> Refusal:
    """402; what the attempt left behind stays."""
    stated = decline_facts(decline)
    message, kind = stated.pop("message"), stated.pop("type")
    return Refusal(402, kind, message, keeps_changes=True, **stated, **facts)
