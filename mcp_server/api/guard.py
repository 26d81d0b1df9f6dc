"""Who may ask of the API: the same who may call the chat tools."""

from mcp.server.auth.middleware.auth_context import AuthContextMiddleware
from mcp.server.auth.middleware.bearer_auth import BearerAuthBackend, RequireAuthMiddleware
from mcp.server.auth.provider import TokenVerifier
from pydantic import AnyHttpUrl
from starlette.middleware.authentication import AuthenticationMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from mcp_server.api import PREFIX
from mcp_server.challenge import ScopedChallenge
from mcp_server.limits.users import PerUser, UserShares
from mcp_server.tokens import SCOPE


class Guarded:
    """Lets nobody to the API without a good token that grants enough, and each within their share.

    Everything else is passed on as it is. 401, 403 and 429 look as they do at the chat tools.
    """

    def __init__(
        self,
        app: ASGIApp,
        tokens: TokenVerifier,
        resource_metadata_url: AnyHttpUrl,
        shares: UserShares,
    ) -> None:
        self._app = app
        # From the inside out: the first to look stands last.
        granted = RequireAuthMiddleware(app, [SCOPE], resource_metadata_url)
        known = AuthContextMiddleware(PerUser(granted, shares))
        named = AuthenticationMiddleware(known, backend=BearerAuthBackend(tokens))
        self._guarded = ScopedChallenge(named, SCOPE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """To the API by way of the guards; anywhere else at once."""
        inside = scope["type"] == "http" and scope["path"].startswith(PREFIX)
        await (self._guarded if inside else self._app)(scope, receive, send)
