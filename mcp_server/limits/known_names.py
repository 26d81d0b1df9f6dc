"""The names we are reached by."""

from starlette import status
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from mcp_server.limits.in_flight import UNCOUNTED
from mcp_server.limits.turned_away import turned_away


class KnownNames:
    """Answers only what is sent to a name of ours, on every path.

    Any other `Host` is a name that somebody rebound to our address, in order to be let in by a
    browser, or a proxy that mixes up whom it asks. The SDK's own guard covers `/mcp` alone.
    """

    def __init__(self, app: ASGIApp, names: frozenset[str], probe: str | None = None) -> None:
        """`names` are host and port, or the host alone for a scheme's own port.

        Whether we are well is told under the name `probe` too, and nothing else is.
        """
        self._app = app
        self._names = names
        self._probe = (UNCOUNTED, probe)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what names us; 421 for the rest."""
        if scope["type"] == "http" and not self._named(scope):
            answer = turned_away(
                status.HTTP_421_MISDIRECTED_REQUEST,
                "This address does not answer under that host name. Use the public one.",
                unread=True,
            )
            await answer(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _named(self, scope: Scope) -> bool:
        hosts = Headers(scope=scope).getlist("host")
        if len(hosts) != 1:
            return False
        return hosts[0] in self._names or (scope["path"], hosts[0]) == self._probe
