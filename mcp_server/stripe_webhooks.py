"""`POST /webhooks/stripe`: Stripe tells that something changed.

Of the message only its id, its kind and a digest of the customer's id are kept. That says whom to
look at; what there is to see is asked for. The answer comes at once; the looking is a workflow's.
"""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response, status
from pydantic import Field, ValidationError

from domain.account_looks import StripeNotice, digest_of
from domain.frozen import Frozen
from front_door.stripe_notices import StripeNotices
from mcp_server.stripe_signature import StripeSignature
from mcp_server.webhook_answers import NotTaken, Taken, answered

HEADER = "Stripe-Signature"

KINDS = frozenset(
    {
        *("checkout.session.completed", "checkout.session.expired", "setup_intent.succeeded"),
        *("customer.subscription.created", "customer.subscription.updated"),
        *("customer.subscription.deleted", "customer.subscription.paused"),
        *("customer.subscription.resumed", "invoice.paid", "invoice.payment_failed"),
        *("invoice.payment_action_required", "invoice.voided", "invoice.marked_uncollectible"),
    }
)
"""Those after which an account may look different. docs/operations.md says the same."""

EVENT_ID = r"^evt_[A-Za-z0-9_]{1,200}$"
CUSTOMER_ID = r"^cus_[A-Za-z0-9_]{1,200}$"


class _Event(Frozen):
    """What is read of any message's body."""

    id: Annotated[str, Field(pattern=EVENT_ID)]
    type: Annotated[str, Field(min_length=1, max_length=100)]


class _Object(Frozen):
    customer: Annotated[str | None, Field(pattern=CUSTOMER_ID)] = None


class _Data(Frozen):
    object: _Object


class _AboutACustomer(Frozen):
    """What is read of one that something follows from."""

    data: _Data


# Read from the raw request, because the signature is over its bytes; so it is described by hand.
_SHAPE: dict[str, Any] = {
    "parameters": [
        {"name": HEADER, "in": "header", "required": True, "schema": {"type": "string"}}
    ],
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "id": {"type": "string", "pattern": EVENT_ID},
                        "type": {"type": "string"},
                        "data": {
                            "type": "object",
                            "properties": {"object": {"type": "object"}},
                        },
                    },
                    "required": ["id", "type"],
                }
            }
        },
    },
}


def stripe_webhook_routes(notices: StripeNotices, signature: StripeSignature | None) -> APIRouter:
    """The route; without a signature to check, it says that it is off.

    2xx: taken, also where it was taken before, or where nothing follows from it. 400: not a message
    of Stripe's form. 401: not signed by Stripe, or too old. 404: off. 503: to be sent again.
    """
    router = APIRouter()

    @router.post(
        "/webhooks/stripe",
        responses={code: {"model": Taken} for code in (400, 401, 404, 503)},
        openapi_extra=_SHAPE,
    )
    async def stripe_event(request: Request, response: Response) -> Taken:  # pyright: ignore[reportUnusedFunction]  # routed
        async def take() -> bool:
            notice = await _notice(request, signature)
            return notice is None or await notices.take(notice)

        return await answered(take(), response)

    return router


async def _notice(request: Request, signature: StripeSignature | None) -> StripeNotice | None:
    """Whom to look at; None where nothing follows from it."""
    if signature is None:
        raise NotTaken(
            status.HTTP_404_NOT_FOUND,
            "Webhooks are off here: STRIPE_WEBHOOK_SECRET is not set. See docs/operations.md.",
        )
    header, body = request.headers.get(HEADER, ""), await request.body()
    if not signature.holds(header, body) or not signature.fresh(header, datetime.now(UTC)):
        raise NotTaken(
            status.HTTP_401_UNAUTHORIZED, "This is not signed by Stripe, or it is too old."
        )
    try:
        event = _Event.model_validate_json(body)
        if event.type not in KINDS:
            return None
        customer_id = _AboutACustomer.model_validate_json(body).data.object.customer
    except ValidationError:
        # Not chained: pydantic's message may quote the body.
        raise NotTaken(status.HTTP_400_BAD_REQUEST, "The message is no event.") from None
    if customer_id is None:
        return None
    return StripeNotice(event_id=event.id, kind=event.type, customer=digest_of(customer_id))
