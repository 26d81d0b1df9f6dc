"""A Checkout Session: a hosted page on which a person saves a card, or subscribes."""

from typing import Any, ClassVar, Literal

from pydantic import Field

from sandbox.simulator.background import schedule
from sandbox.stripe import billing
from sandbox.stripe.cards import TestCard
from sandbox.stripe.objects import payment_method, setup_intent
from sandbox.stripe.objects.event import emit
from sandbox.stripe.objects.price import Price
from sandbox.stripe.objects.setup_intent import SetupIntent
from sandbox.stripe.records import Record
from sandbox.stripe.wire.refusals import Refusal
from sandbox.stripe.work import Work

EXPIRY_JOB = "expire_checkout_session"


class CheckoutSession(Record):
    """`url` is there while the session is open."""

    hidden: ClassVar = frozenset({"price", "plan_metadata"})

    object: Literal["checkout.session"] = "checkout.session"
    allowed_payment_method_types: tuple[str, ...] | None = None
    amount_subtotal: int | None = None
    amount_total: int | None = None
    automatic_tax: dict[str, Any] = Field(default_factory=lambda: {"enabled": False})
    billing_address_collection: None = None
    cancel_url: str | None = None
    client_reference_id: str | None = None
    currency: str | None = None
    custom_fields: tuple[str, ...] = ()
    custom_text: dict[str, None] = Field(default_factory=dict[str, None])
    customer: str | None = None
    customer_creation: None = None
    customer_email: str | None = None
    expires_at: int
    """Unix seconds by the provider's clock."""
    invoice: str | None = None
    locale: str | None = None
    metadata: dict[str, str] = Field(default_factory=dict[str, str])
    mode: Literal["setup", "subscription"] = "setup"
    origin_context: None = None
    payment_intent: None = None
    payment_link: None = None
    payment_method_collection: str = "always"
    payment_method_types: tuple[str, ...] = ("card",)
    payment_status: Literal["no_payment_required", "unpaid", "paid"] = "no_payment_required"
    redirect_on_completion: None = None
    setup_intent: str | None = None
    shipping_options: tuple[str, ...] = ()
    status: Literal["open", "complete", "expired"] = "open"
    submit_type: None = None
    subscription: str | None = None
    success_url: str
    ui_mode: Literal["hosted_page"] = "hosted_page"
    url: str | None = None
    price: str | None = None
    """Of what is subscribed to."""
    plan_metadata: dict[str, str] = Field(default_factory=dict[str, str])
    """What the subscription is to carry."""

    @property
    def forward_url(self) -> str:
        """Where a person goes after success, the session's id filled in as Stripe does."""
        return self.success_url.replace("{CHECKOUT_SESSION_ID}", self.id)


def opened(work: Work, session: CheckoutSession) -> CheckoutSession:
    """Store a new session, and have it expire in time."""
    due_ms = work.tx.now_ms + (session.expires_at - work.now) * 1000
    schedule(work.tx, EXPIRY_JOB, {"id": session.id}, due_ms=due_ms)
    return work.save(session)


def current(work: Work, session: CheckoutSession) -> CheckoutSession:
    """The session as it is now: expired, if its time is over."""
    if session.status == "open" and work.now >= session.expires_at:
        return expire(work, session)
    return session


def expire(work: Work, session: CheckoutSession) -> CheckoutSession:
    """End an open session without a card."""
    if session.setup_intent is not None:
        setup_intent.cancel(work, _setup_intent(work, session.setup_intent), "abandoned")
    expired = work.save(session.model_copy(update={"status": "expired", "url": None}))
    emit(work, "checkout.session.expired", expired)
    return expired


def complete(work: Work, session: CheckoutSession, card: TestCard) -> str | None:
    """A person chose that card; returns why it could not be used, None when it was."""
    changes: dict[str, object] = {"status": "complete", "url": None}
    if session.setup_intent is not None:
        intent = setup_intent.save_card(work, _setup_intent(work, session.setup_intent), card)
        if intent.last_setup_error is not None:
            reason: str = intent.last_setup_error["message"]
            return reason
    else:
        try:
            changes |= _subscribed(work, session, card)
        except Refusal as declined:
            return str(declined)
    done = work.save(session.model_copy(update=changes))
    emit(work, "checkout.session.completed", done)
    return None


def _subscribed(work: Work, session: CheckoutSession, card: TestCard) -> dict[str, object]:
    """Raises Refusal: the card was declined."""
    customer, price = session.customer or "", work.get(Price, session.price or "", param="price")
    method = payment_method.made_of(work, card)
    method = payment_method.attach(work, method, customer, set_up=True)
    plan = billing.subscribe(work, customer, price, method, session.plan_metadata)
    return {"subscription": plan.id, "invoice": plan.latest_invoice, "payment_status": "paid"}


def _setup_intent(work: Work, identifier: str) -> SetupIntent:
    return work.get(SetupIntent, identifier, param="setup_intent")
