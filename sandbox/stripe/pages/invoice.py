"""GET and POST /invoice/{id}: the page on which a person pays an invoice with a test card."""

from html import escape

from sandbox.simulator.answer import Answer
from sandbox.simulator.store import Transaction
from sandbox.simulator.vendor import Call, VendorRoute
from sandbox.stripe import billing
from sandbox.stripe.api import form_of, work_of
from sandbox.stripe.cards import CARDS, TestCard, card_called
from sandbox.stripe.objects import payment_method
from sandbox.stripe.objects.invoice import Invoice
from sandbox.stripe.pages.card_choice import choices
from sandbox.stripe.pages.frame import alert, framed, notice
from sandbox.stripe.wire.refusals import Refusal
from sandbox.stripe.work import Work

_UNKNOWN = "There is no such invoice. Please go back and start again."


def show(call: Call, tx: Transaction) -> Answer:
    """The page."""
    invoice = _invoice(work_of(call, tx))
    return notice("Page not found", _UNKNOWN, 404) if invoice is None else _page(invoice, None)


def submit(call: Call, tx: Transaction) -> Answer:
    """Pay with the chosen card; what is settled stays as it is."""
    work = work_of(call, tx)
    invoice = _invoice(work)
    if invoice is None:
        return notice("Page not found", _UNKNOWN, 404)
    if invoice.status != "open":
        return _page(invoice, None)
    chosen = form_of(call).get("card")
    card = card_called(chosen) if isinstance(chosen, str) else None
    if card is None:
        return _page(invoice, "Please choose one of the cards.", 400)
    declined = _declined(work, invoice, card)
    if declined is not None:
        return _page(invoice, declined, 402)
    return _page(work.get(Invoice, invoice.id, param="id"), None)


def _declined(work: Work, invoice: Invoice, card: TestCard) -> str | None:
    """Why the money could not be taken."""
    try:
        method = payment_method.made_of(work, card)
        method = payment_method.attach(work, method, invoice.customer, set_up=True)
        refused = billing.collect(work, invoice, method)
    except Refusal as unusable:
        return str(unusable)
    return None if refused is None else str(refused)


def _invoice(work: Work) -> Invoice | None:
    billing.catch_up(work)
    return work.find(Invoice, work.path["id"])


def _page(invoice: Invoice, reason: str | None, status: int = 200) -> Answer:
    amount = f"{invoice.amount_due / 100:.2f} {invoice.currency.upper()}"
    if invoice.status != "open":
        return notice(f"Invoice {invoice.number}", f"{amount}: {invoice.status}.", status)
    content = (
        f"<h1>Pay {escape(amount)}</h1><p>Invoice {escape(invoice.number)}.</p>{alert(reason)}"
        f'<form method="post" action="/invoice/{escape(invoice.id)}">{choices(CARDS[0])}'
        '<button type="submit">Pay</button></form>'
    )
    return framed("Pay an invoice", content, status)


ROUTES = (
    VendorRoute("GET", "/invoice/{id}", show),
    VendorRoute("POST", "/invoice/{id}", submit),
)
