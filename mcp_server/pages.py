"""The few pages a browser may see: what this is, and where the card page returns to."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse
from mcp.server.auth.routes import build_resource_metadata_url
from pydantic import AnyHttpUrl

from domain.frozen import Frozen

_CARD_PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Your card</title>
<style>
body { font: 1.1rem/1.5 system-ui, sans-serif; margin: 0; min-height: 100vh;
  display: grid; place-items: center; background: #f4f7f5; color: #1c2b22; }
main { max-width: 26rem; padding: 2rem; text-align: center; }
</style>
</head>
<body>
<main>
<h1>{title}</h1>
<p>Nothing has been charged. Return to the chat to go on.</p>
</main>
</body>
</html>
"""


_TITLES = {"done": "Your card is saved.", "cancelled": "No card was saved."}
_ELSE = "Your card: ask in the chat."


class Welcome(Frozen):
    """What `/` answers."""

    name: str = "SignupAssist"
    what: str = "Signs a child up the second a registration window opens. Add it to a chat."
    mcp: str
    health: str = "/healthz"


def page_routes(public_url: str) -> APIRouter:
    """`/`, `/card-saved` and the short name of the resource metadata. None needs a token."""
    router = APIRouter()
    resource = AnyHttpUrl(f"{public_url}/mcp")

    @router.get("/")
    async def welcome() -> Welcome:  # pyright: ignore[reportUnusedFunction]  # routed
        return Welcome(mcp=str(resource))

    @router.get("/card-saved")
    async def card_saved(  # pyright: ignore[reportUnusedFunction]  # routed
        card_setup: str = "",
    ) -> HTMLResponse:
        return HTMLResponse(_CARD_PAGE.replace("{title}", _TITLES.get(card_setup, _ELSE)))

    # Clients from before RFC 9728's path rule ask at the root.
    @router.get("/.well-known/oauth-protected-resource")
    async def metadata() -> RedirectResponse:  # pyright: ignore[reportUnusedFunction]  # routed
        return RedirectResponse(str(build_resource_metadata_url(resource)))

    return router
