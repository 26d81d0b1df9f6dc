"""GET and POST /authenticate/{id}: the bank asks the cardholder to approve a payment."""

from html import escape

from sandbox.simulator.answer import Answer
from sandbox.simulator.store import Transaction
from sandbox.simulator.vendor import Call, VendorRoute
from sandbox.stripe.api import form_of, work_of
from sandbox.stripe.objects import confirmation
from sandbox.stripe.objects.payment_intent import PaymentIntent
from sandbox.stripe.objects.payment_method import PaymentMethod
from sandbox.stripe.pages.frame import away, framed, notice
from sandbox.stripe.wire.refusals import Refusal
from sandbox.stripe.work import Work

_UNKNOWN = "There is no payment to approve here. Please go back and start again."


def show(call: Call, tx: Transaction) -> Answer:
    """The bank's question."""
    intent = _waiting(work_of(call, tx))
    if intent is None:
        return notice("Nothing to approve", _UNKNOWN, 404)
    amount = f"{intent.amount / 100:.2f} {intent.currency.upper()}"
    content = (
        f"<h1>Approve {escape(amount)}?</h1>"
        "<p>Your bank asks whether you make this payment.</p>"
        f'<form method="post" action="/authenticate/{escape(intent.id)}">'
        '<button name="answer" value="approve">Approve the payment</button>'
        '<button class="quiet" name="answer" value="refuse">Refuse it</button></form>'
    )
    return framed("Approve a payment", content)


def submit(call: Call, tx: Transaction) -> Answer:
    """The cardholder's answer; either way the browser goes on to the `return_url`."""
    work = work_of(call, tx)
    intent = _waiting(work)
    if intent is None or intent.next_action is None or intent.payment_method is None:
        return notice("Nothing to approve", _UNKNOWN, 404)
    method = work.get(PaymentMethod, intent.payment_method, param="payment_method")
    if form_of(call).get("answer") == "approve":
        outcome = _settled(work, intent, method)
    else:
        confirmation.refused_by_holder(work, intent, method)
        outcome = "failed"
    back: str = intent.next_action["redirect_to_url"]["return_url"]
    joint = "&" if "?" in back else "?"
    return away(f"{back}{joint}payment_intent={intent.id}&redirect_status={outcome}")


def _settled(work: Work, intent: PaymentIntent, method: PaymentMethod) -> str:
    try:
        confirmation.settle(work, intent, method)
    except Refusal:
        return "failed"
    return "succeeded"


def _waiting(work: Work) -> PaymentIntent | None:
    intent = work.find(PaymentIntent, work.path["id"])
    if intent is None or intent.status != "requires_action" or intent.next_action is None:
        return None
    return intent if "redirect_to_url" in intent.next_action else None


ROUTES = (
    VendorRoute("GET", "/authenticate/{id}", show),
    VendorRoute("POST", "/authenticate/{id}", submit),
)
