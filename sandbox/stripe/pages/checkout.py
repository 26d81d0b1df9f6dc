"""GET and POST /checkout/{id}: the page on which a person saves a test card, or subscribes."""

from html import escape

from sandbox.simulator.answer import Answer
from sandbox.simulator.store import Transaction
from sandbox.simulator.vendor import Call, VendorRoute
from sandbox.stripe.api import form_of, work_of
from sandbox.stripe.cards import CARDS, card_called
from sandbox.stripe.objects import checkout_session
from sandbox.stripe.objects.checkout_session import CheckoutSession
from sandbox.stripe.pages.card_choice import choices
from sandbox.stripe.pages.frame import alert, away, framed, notice
from sandbox.stripe.work import Work

_UNKNOWN = "This page belongs to no Checkout Session. Please go back and start again."
_EXPIRED = "This page was open for too long. Please go back and start again."


def show(call: Call, tx: Transaction) -> Answer:
    """The page, or where the person belongs by now."""
    work = work_of(call, tx)
    session = _session(work)
    if session is None:
        return notice("Page not found", _UNKNOWN, 404)
    return _ended(session) or _page(session, None)


def submit(call: Call, tx: Transaction) -> Answer:
    """Save the chosen card. A second submit of a completed session changes nothing."""
    work = work_of(call, tx)
    session = _session(work)
    if session is None:
        return notice("Page not found", _UNKNOWN, 404)
    ended = _ended(session)
    if ended is not None:
        return ended
    chosen = form_of(call).get("card")
    card = card_called(chosen) if isinstance(chosen, str) else None
    if card is None:
        return _page(session, "Please choose one of the cards.", 400)
    reason = checkout_session.complete(work, session, card)
    return away(session.forward_url) if reason is None else _page(session, reason, 402)


def _session(work: Work) -> CheckoutSession | None:
    session = work.find(CheckoutSession, work.path["id"])
    return None if session is None else checkout_session.current(work, session)


def _ended(session: CheckoutSession) -> Answer | None:
    if session.status == "complete":
        return away(session.forward_url)
    if session.status == "expired":
        return notice("This page has expired", _EXPIRED, 410)
    return None


def _page(session: CheckoutSession, reason: str | None, status: int = 200) -> Answer:
    back = (
        ""
        if session.cancel_url is None
        else f'<a class="back" href="{escape(session.cancel_url)}">Cancel and go back</a>'
    )
    title, about, button = _words(session)
    content = (
        f"<h1>{title}</h1>"
        f"<p>{about} No real card is asked for here: choose how the test card is to behave.</p>"
        f"{alert(reason)}"
        f'<form method="post" action="/checkout/{escape(session.id)}">'
        f"{choices(CARDS[0])}"
        f'<button type="submit">{button}</button></form>'
        f"{back}"
    )
    return framed(title, content, status)


def _words(session: CheckoutSession) -> tuple[str, str, str]:
    """Title, what happens, and what the button says."""
    if session.mode == "setup":
        return "Save a card", "Nothing is charged now.", "Save card"
    amount = f"{(session.amount_total or 0) / 100:.2f} {(session.currency or '').upper()}"
    return "Subscribe", f"{escape(amount)} are charged now, and each month.", "Subscribe"


ROUTES = (
    VendorRoute("GET", "/checkout/{id}", show),
    VendorRoute("POST", "/checkout/{id}", submit),
)
