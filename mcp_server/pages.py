"""The few pages a browser may see: what this is, and where the pages of others return to."""

from fastapi import APIRouter, status
from fastapi.responses import HTMLResponse, RedirectResponse
from mcp.server.auth.routes import build_resource_metadata_url
from pydantic import AnyHttpUrl

from domain.frozen import Frozen

_PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{name}</title>
<style>
body { font: 1.1rem/1.5 system-ui, sans-serif; margin: 0; min-height: 100vh;
  display: grid; place-items: center; background: #f4f7f5; color: #1c2b22; }
main { max-width: 26rem; padding: 2rem; text-align: center; }
</style>
</head>
<body>
<main>
<h1>{title}</h1>
<p>{words} Return to the chat to go on.</p>
</main>
</body>
</html>
"""


_CARD = {"done": "Your card is saved.", "cancelled": "No card was saved."}
_CARD_ELSE = "Your card: ask in the chat."
_PAYMENT = {
    "succeeded": ("Payment approved.", "Thank you."),
    "failed": ("Payment not approved.", "Nothing has been charged."),
}
_PAYMENT_ELSE = ("Your payment: ask in the chat.", "")
_CHECKOUT = {
    "done": ("Thank you.", "Your subscription begins as soon as the payment is confirmed."),
    "cancelled": ("Not subscribed.", "Nothing has been charged."),
}
_CHECKOUT_ELSE = ("Your subscription: ask where you began.", "")


def _page(name: str, title: str, words: str) -> HTMLResponse:
    facts = {"{name}": name, "{title}": title, "{words}": words}
    page = _PAGE
    for place, text in facts.items():
        page = page.replace(place, text)
    return HTMLResponse(page)


class Welcome(Frozen):
    """What `/` answers."""

    name: str = "SignupAssist"
    what: str = "Signs a child up the second a registration window opens. Add it to a chat."
    mcp: str
    health: str = "/healthz"


def page_routes(public_url: str) -> APIRouter:
    """Our pages and the short name of the resource metadata. None needs a token."""
    router = APIRouter()
    resource = AnyHttpUrl(f"{public_url}/mcp")

    @router.get("/")
    async def welcome() -> Welcome:  # pyright: ignore[reportUnusedFunction]  # routed
        return Welcome(mcp=str(resource))

    @router.get("/card-saved", response_class=HTMLResponse)
    async def card_saved(  # pyright: ignore[reportUnusedFunction]  # routed
        card_setup: str = "",
    ) -> HTMLResponse:
        return _page("Your card", _CARD.get(card_setup, _CARD_ELSE), "Nothing has been charged.")

    # The payment service adds its own references to the query; none is needed here.
    @router.get("/payment-approved", response_class=HTMLResponse)
    async def payment_approved(  # pyright: ignore[reportUnusedFunction]  # routed
        redirect_status: str = "",
    ) -> HTMLResponse:
        return _page("Your payment", *_PAYMENT.get(redirect_status, _PAYMENT_ELSE))

    @router.get("/subscribed", response_class=HTMLResponse)
    async def subscribed(  # pyright: ignore[reportUnusedFunction]  # routed
        checkout: str = "",
    ) -> HTMLResponse:
        return _page("Your subscription", *_CHECKOUT.get(checkout, _CHECKOUT_ELSE))

    # Clients from before RFC 9728's path rule ask at the root.
    @router.get(
        "/.well-known/oauth-protected-resource",
        response_class=RedirectResponse,
        status_code=status.HTTP_307_TEMPORARY_REDIRECT,
    )
    async def metadata() -> RedirectResponse:  # pyright: ignore[reportUnusedFunction]  # routed
        return RedirectResponse(str(build_resource_metadata_url(resource)))

    return router
