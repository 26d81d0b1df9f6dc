"""How many requests are at work at once."""

import structlog
from starlette import status
from starlette.types import ASGIApp, Receive, Scope, Send

from mcp_server.limits.turned_away import turned_away

UNCOUNTED = "/healthz"
"""A busy server is a well one: whoever watches it must not end it for being asked a lot."""

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class InFlight:
    """Takes so many requests at once, whoever sends them, and asks the rest to come again.

    429 and not 503: nothing is broken, and a proxy that sees 503 may take us out.
    """

    def __init__(self, app: ASGIApp, most: int) -> None:
        self._app = app
        self._most = most
        self._at_work = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on while there is room; else 429."""
        if scope["type"] != "http" or scope["path"] == UNCOUNTED:
            await self._app(scope, receive, send)
            return
        if self._at_work >= self._most:
            _log.warning("turned_away", because="server_in_flight")
            answer = turned_away(
                status.HTTP_429_TOO_MANY_REQUESTS,
                "Too much is asked at once just now. Wait a second, then send the same again.",
                retry_after_s=1,
            )
            await answer(scope, receive, send)
            return
        self._at_work += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._at_work -= 1
