"""`POST /webhooks/bookeo`: Bookeo tells that a booking changed.

Of the message only the booking's number and our own reference are kept, and neither is believed:
they say what to look at. The answer comes at once; the looking is a workflow's.
"""

import re
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response, status
from pydantic import Field, ValidationError

from domain.frozen import Frozen
from domain.sweeps import ProviderNotice
from front_door.notices import ProviderNotices
from mcp_server.bookeo_signature import BookeoSignature
from mcp_server.webhook_answers import NotTaken, Taken, answered

SIGNED_BY = ("Signature", "Timestamp", "MessageId")
"""The headers `X-Bookeo-…` of a message."""

ITEM_ID = r"^[A-Za-z0-9._:-]{1,100}$"
MESSAGE_ID = re.compile(r"[A-Za-z0-9._:-]{1,100}")
OUR_REFERENCE = re.compile(r"sa-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class _Item(Frozen):
    external_ref: Annotated[str | None, Field(alias="externalRef")] = None


class _Told(Frozen):
    """What is read of a message's body."""

    item_id: Annotated[str, Field(alias="itemId", pattern=ITEM_ID)]
    item: _Item = _Item()


# Read from the raw request, because the signature is over its bytes; so it is described by hand.
_SHAPE: dict[str, Any] = {
    "parameters": [
        {"name": f"X-Bookeo-{name}", "in": "header", "required": True, "schema": {"type": "string"}}
        for name in SIGNED_BY
    ],
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "itemId": {"type": "string", "pattern": ITEM_ID},
                        "item": {
                            "type": "object",
                            "properties": {"externalRef": {"type": ["string", "null"]}},
                        },
                    },
                    "required": ["itemId"],
                }
            }
        },
    },
}


def webhook_routes(notices: ProviderNotices, signature: BookeoSignature | None) -> APIRouter:
    """The route; without a signature to check, it says that it is off.

    2xx: taken, also where it was taken before. 400: not a message of Bookeo's form. 401: not signed
    by Bookeo for this address, or too old. 404: off. 503: to be sent again.
    """
    router = APIRouter()

    @router.post(
        "/webhooks/bookeo",
        responses={code: {"model": Taken} for code in (400, 401, 404, 503)},
        openapi_extra=_SHAPE,
    )
    async def bookeo(request: Request, response: Response) -> Taken:  # pyright: ignore[reportUnusedFunction]  # routed
        async def take() -> bool:
            return await notices.take(*await _message(request, signature))

        return await answered(take(), response)

    return router


async def _message(
    request: Request, signature: BookeoSignature | None
) -> tuple[str, ProviderNotice]:
    if signature is None:
        raise NotTaken(
            status.HTTP_404_NOT_FOUND,
            "Webhooks are off here: BOOKEO_WEBHOOK_URL is not set. See docs/operations.md.",
        )
    named = {name: request.headers.get(f"X-Bookeo-{name}", "") for name in SIGNED_BY}
    body = await request.body()
    signed = signature.holds(named["Signature"], named["Timestamp"], named["MessageId"], body)
    if not signed or not signature.fresh(named["Timestamp"], datetime.now(UTC)):
        raise NotTaken(
            status.HTTP_401_UNAUTHORIZED,
            "This is not signed by Bookeo for the registered address, or it is too old.",
        )
    if not MESSAGE_ID.fullmatch(named["MessageId"]):
        raise NotTaken(status.HTTP_400_BAD_REQUEST, "The message has no usable id.")
    return named["MessageId"], _notice(body)


def _notice(body: bytes) -> ProviderNotice:
    """What to look at. Everything else in the message is dropped here, people above all."""
    try:
        told = _Told.model_validate_json(body)
    except ValidationError:
        # Not chained: pydantic's message may quote the body.
        raise NotTaken(status.HTTP_400_BAD_REQUEST, "The message names no booking.") from None
    reference = told.item.external_ref or ""
    return ProviderNotice(
        booking_number=told.item_id,
        reference=reference if OUR_REFERENCE.fullmatch(reference) else None,
    )
