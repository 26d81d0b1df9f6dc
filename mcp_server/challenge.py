"""What a refused client is told to ask its issuer for."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class ScopedChallenge:
    """Adds the scope to every challenge of the application inside it.

    RFC 6750, section 3, allows for it and MCP's rules of authorisation ask for it, with 401 and
    403 alike; the SDK leaves it out.
    """

    def __init__(self, app: ASGIApp, scope: str) -> None:
        self._app = app
        self._addition = f', scope="{scope}"'

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on, with the challenge made whole."""

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=message["headers"])
                if challenge := headers.get("WWW-Authenticate"):
                    headers["WWW-Authenticate"] = challenge + self._addition
            await send(message)

        await self._app(scope, receive, told)
