"""One line in the log for every HTTP request, once it has been answered."""

import time

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
"""Any other is somebody's own word."""

FAILED = 500

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class RequestLines:
    """Says by method and route what was asked, and how it was answered.

    Of an address only the route's own path is written: the rest may hold anything.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        status: int | None = None

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, answer)
        except Exception:
            status = FAILED
            raise
        finally:
            _log.info(
                "http_request",
                method=scope["method"] if scope["method"] in METHODS else "other",
                route=getattr(scope.get("route"), "path", None) or "unknown",
                status=status,
                duration_ms=round((time.perf_counter() - began) * 1000, 1),
            )
