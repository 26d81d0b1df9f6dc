"""What one user may have of the server."""

import math
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager

import structlog
from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from starlette import status
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from mcp_server.limits import Limits
from mcp_server.limits.allowances import Allowances
from mcp_server.limits.turned_away import turned_away

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class UserShares:
    """What each user has asked and what is at work for them, over all that they may ask of."""

    def __init__(self, limits: Limits) -> None:
        self._most_at_work = limits.user_in_flight
        self._allowances = Allowances(limits.user_per_second, limits.user_burst, limits.users)
        self._at_work: Counter[str] = Counter()

    def refusal(self, user: str) -> Response | None:
        """The answer to a request beyond the user's share; None for one within it."""
        wait = self._allowances.take(user)
        if wait:
            _log.warning("turned_away", because="user_rate")
            seconds = math.ceil(wait)
            return turned_away(
                status.HTTP_429_TOO_MANY_REQUESTS,
                f"This account asks too often. Wait {seconds} s, then send the same again.",
                retry_after_s=seconds,
            )
        if self._at_work[user] >= self._most_at_work:
            _log.warning("turned_away", because="user_in_flight")
            return turned_away(
                status.HTTP_429_TOO_MANY_REQUESTS,
                "This account asks too much at once. Wait for answers, then send the same again.",
                retry_after_s=1,
            )
        return None

    @contextmanager
    def at_work(self, user: str) -> Generator[None]:
        """One more of the user's requests, as long as it takes."""
        self._at_work[user] += 1
        try:
            yield
        finally:
            self._at_work[user] -= 1
            if not self._at_work[user]:
                del self._at_work[user]


class PerUser:
    """Holds each bearer of a good token to a share. Stands right behind the SDK's authentication.

    It counts requests rather than calls of tools, so that lists and pings are not free; and
    users rather than tokens, so that a new token brings nothing. Whoever has no good token is
    passed on, to be refused with 401.
    """

    def __init__(self, app: ASGIApp, shares: UserShares) -> None:
        self._app = app
        self._shares = shares

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is within the user's share; else 429."""
        bearer = scope.get("user")
        if not isinstance(bearer, AuthenticatedUser):
            await self._app(scope, receive, send)
            return
        # One issuer is believed, so its subject alone says who it is.
        user = str(bearer.access_token.subject)
        if refusal := self._shares.refusal(user):
            await refusal(scope, receive, send)
            return
        with self._shares.at_work(user):
            await self._app(scope, receive, send)


class OnlyPosts:
    """Answers 405 to all but POST, for whoever bears a good token.

    A GET would open a stream for what the server has to say by itself: nothing, and so it would
    wait, and hold a place, for ever. The protocol allows for it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on a POST."""
        if isinstance(scope.get("user"), AuthenticatedUser) and scope["method"] != "POST":
            refusal = Response(
                status_code=status.HTTP_405_METHOD_NOT_ALLOWED, headers={"Allow": "POST"}
            )
            await refusal(scope, receive, send)
            return
        await self._app(scope, receive, send)
