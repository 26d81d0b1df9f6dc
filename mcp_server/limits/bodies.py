"""The bodies of requests."""

import asyncio
from datetime import timedelta

from starlette import status
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mcp_server.limits.turned_away import turned_away


class _TooLong(Exception):
    """More than is read."""


class _CutOff(Exception):
    """The client has gone."""


class WholeBodies:
    """Reads a request's body before anything is done about it, up to a length and for a time.

    So nobody takes up work, or a place among the requests at work, by sending slowly; and what
    is cut off halfway reaches no one.
    """

    def __init__(self, app: ASGIApp, most_bytes: int, within: timedelta) -> None:
        self._app = app
        self._most_bytes = most_bytes
        self._within = within.total_seconds()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on with the whole body; 413 for a longer one, 408 for a slower one."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            async with asyncio.timeout(self._within):
                body = await self._read(scope, receive)
        except _CutOff:
            return
        except _TooLong:
            answer = turned_away(
                status.HTTP_413_CONTENT_TOO_LARGE,
                f"The request is longer than {self._most_bytes} bytes. Send less.",
                unread=True,
            )
            await answer(scope, receive, send)
            return
        except TimeoutError:
            answer = turned_away(
                status.HTTP_408_REQUEST_TIMEOUT,
                "The request did not arrive in time. Send it again.",
                unread=True,
            )
            await answer(scope, receive, send)
            return
        await self._app(scope, _replayed(body, receive), send)

    async def _read(self, scope: Scope, receive: Receive) -> bytes:
        if int(Headers(scope=scope).get("content-length", "0")) > self._most_bytes:
            raise _TooLong
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] != "http.request":
                raise _CutOff
            body += message.get("body", b"")
            if len(body) > self._most_bytes:
                raise _TooLong
            if not message.get("more_body", False):
                return bytes(body)


def _replayed(body: bytes, receive: Receive) -> Receive:
    """The body once more, and then whatever comes after it."""
    unread: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return unread.pop() if unread else await receive()

    return replay
