"""`POST /webhooks/bookeo`: Bookeo tells that a booking changed.

Of the message only the booking's number and our own reference are kept, and neither is believed:
they say what to look at. The answer comes at once; the looking is a workflow's.
"""

import re
from datetime import UTC, datetime
from typing import Annotated

import structlog
from fastapi import APIRouter, Request, Response, status
from pydantic import Field, ValidationError
from starlette.requests import ClientDisconnect

from domain.errors import WorkflowsUnreachable
from domain.frozen import Frozen
from domain.sweeps import ProviderNotice
from front_door.notices import ProviderNotices
from mcp_server.bookeo_signature import BookeoSignature

MAX_BODY_BYTES = 256 * 1024
"""A booking with everything in it is a few kilobytes."""

MESSAGE_ID = re.compile(r"[A-Za-z0-9._:-]{1,100}")
OUR_REFERENCE = re.compile(r"sa-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class _Item(Frozen):
    external_ref: Annotated[str | None, Field(alias="externalRef")] = None


class _Told(Frozen):
    """What is read of a message's body."""

    item_id: Annotated[str, Field(alias="itemId", pattern=r"^[A-Za-z0-9._:-]{1,100}$")]
    item: _Item = _Item()


class Taken(Frozen):
    """What is answered: one sentence."""

    message: str


class _Refused(Exception):
    """It is not taken, and why."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def webhook_routes(notices: ProviderNotices, signature: BookeoSignature | None) -> APIRouter:
    """The route; without a signature to check, it says that it is off.

    2xx: taken, also where it was taken before. 400 and 413: not a message of Bookeo's form. 401:
    not signed by Bookeo for this address, or too old. 404: off. 503: to be sent again.
    """
    router = APIRouter()

    @router.post("/webhooks/bookeo")
    async def bookeo(request: Request, response: Response) -> Taken:  # pyright: ignore[reportUnusedFunction]  # routed
        try:
            message_id, notice = await _message(request, signature)
            first = await notices.take(message_id, notice)
        except _Refused as refused:
            _log.warning("webhook_refused", code=refused.code, why=refused.message)
            response.status_code = refused.code
            return Taken(message=refused.message)
        except WorkflowsUnreachable:
            _log.warning("webhook_not_taken")
            response.status_code = status.HTTP_503_SERVICE_UNAVAILABLE
            return Taken(message="It cannot be taken just now. Send it again.")
        return Taken(message="Taken." if first else "Taken before.")

    return router


async def _message(
    request: Request, signature: BookeoSignature | None
) -> tuple[str, ProviderNotice]:
    if signature is None:
        raise _Refused(
            status.HTTP_404_NOT_FOUND,
            "Webhooks are off here: BOOKEO_WEBHOOK_URL is not set. See docs/operations.md.",
        )
    named = {
        name: request.headers.get(f"X-Bookeo-{name}", "")
        for name in ("Signature", "Timestamp", "MessageId")
    }
    body = await _body(request)
    signed = signature.holds(named["Signature"], named["Timestamp"], named["MessageId"], body)
    if not signed or not signature.fresh(named["Timestamp"], datetime.now(UTC)):
        raise _Refused(
            status.HTTP_401_UNAUTHORIZED,
            "This is not signed by Bookeo for the registered address, or it is too old.",
        )
    if not MESSAGE_ID.fullmatch(named["MessageId"]):
        raise _Refused(status.HTTP_400_BAD_REQUEST, "The message has no usable id.")
    return named["MessageId"], _notice(body)


async def _body(request: Request) -> bytes:
    """The raw body, as it was signed; never more of it than is allowed."""
    body = b""
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_BODY_BYTES:
                raise _Refused(status.HTTP_413_CONTENT_TOO_LARGE, "The message is too long.")
    except ClientDisconnect:
        raise _Refused(status.HTTP_400_BAD_REQUEST, "The message was cut off.") from None
    return body


def _notice(body: bytes) -> ProviderNotice:
    """What to look at. Everything else in the message is dropped here, people above all."""
    try:
        told = _Told.model_validate_json(body)
    except ValidationError:
        # Not chained: pydantic's message may quote the body.
        raise _Refused(status.HTTP_400_BAD_REQUEST, "The message names no booking.") from None
    reference = told.item.external_ref or ""
    return ProviderNotice(
        booking_number=told.item_id,
        reference=reference if OUR_REFERENCE.fullmatch(reference) else None,
    )
