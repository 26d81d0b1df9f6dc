"""What becomes of subscriptions and their invoices: by requests, and as months pass."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from sandbox.stripe.objects import confirmation, invoice, subscription
from sandbox.stripe.objects.customer import Customer
from sandbox.stripe.objects.event import emit
from sandbox.stripe.objects.invoice import Invoice
from sandbox.stripe.objects.payment_intent import PaymentIntent
from sandbox.stripe.objects.payment_method import PaymentMethod
from sandbox.stripe.objects.price import Price
from sandbox.stripe.objects.subscription import Subscription
from sandbox.stripe.records import every
from sandbox.stripe.wire.identifiers import new_id, random_text
from sandbox.stripe.wire.refusals import Refusal, invalid_request
from sandbox.stripe.work import Work

DAY = 24 * 60 * 60
RETRY_DAYS = (3, 7, 14, 21, 28)
"""After an invoice became owed. Stripe's Smart Retries choose their own within a month."""

Act = Callable[[Work], None]


def subscribe(
    work: Work, customer: str, price: Price, method: PaymentMethod, metadata: dict[str, str]
) -> Subscription:
    """A new subscription, its first month paid with the holder present.

    Raises:
        Refusal: 402, the card was declined; there is no subscription.
    """
    intent = _intent(work, price.unit_amount, price.currency, customer)
    confirmation.settle(work, intent, method)
    plan = subscription.made(work, customer, price, method.id, metadata)
    first = invoice.drawn_up(work, plan, "subscription_create")
    plan = work.save(plan.model_copy(update={"latest_invoice": first.id}))
    emit(work, "customer.subscription.created", plan)
    _paid(work, first.model_copy(update={"payment_intent": intent.id, "attempt_count": 1}))
    return plan


def collect(work: Work, owed: Invoice, method: PaymentMethod) -> Refusal | None:
    """Try to take the money from that card; how it was declined, None where it was paid.

    Raises:
        Refusal: 400, the card is somebody else's.
    """
    intent = _intent_of(work, owed)
    confirmation.check_owner(intent, method)
    tried = {
        "payment_intent": intent.id,
        "attempted": True,
        "attempt_count": owed.attempt_count + 1,
    }
    owed = owed.model_copy(update=tried)
    try:
        confirmation.confirm(work, intent, method, off_session=True, return_url=None)
    except Refusal as declined:
        _failed(work, owed, asks=declined.error.get("code") == "authentication_required")
        return declined
    _paid(work, owed)
    return None


def void(work: Work, owed: Invoice) -> Invoice:
    """It can never be paid any more.

    Raises:
        Refusal: 400, it is paid or void already.
    """
    if owed.status not in ("open", "uncollectible"):
        raise invalid_request(
            f"You can only pass in open or uncollectible invoices. This invoice is {owed.status}."
        )
    voided = invoice.ended(work, owed, "void", amount_remaining=0)
    emit(work, "invoice.voided", voided)
    _nothing_owed(work, voided)
    return voided


def end(work: Work, plan: Subscription) -> Subscription:
    """Over, now. What is still owed is not collected any more."""
    for owed in every(work.tx, Invoice, {"status": "open"}):
        if owed.subscription == plan.id:
            stopped = {"auto_advance": False, "next_payment_attempt": None}
            work.save(owed.model_copy(update=stopped))
    over = plan.model_copy(
        update={
            "status": "canceled",
            "canceled_at": plan.canceled_at or work.now,
            "ended_at": work.now,
        }
    )
    work.save(over)
    emit(work, "customer.subscription.deleted", over)
    return over


def card_of(work: Work, plan: Subscription) -> PaymentMethod | None:
    """What it is charged to: its own card, else its customer's."""
    customer = work.find(Customer, plan.customer)
    fallback = customer.invoice_settings.default_payment_method if customer else None
    chosen = plan.default_payment_method or fallback
    return work.find(PaymentMethod, chosen) if chosen else None


def catch_up(work: Work) -> None:
    """Do what time has brought since anybody looked, each at its own moment and in order."""
    while due := min(_due(work), key=lambda one: one[0], default=None):
        moment, act = due
        act(replace(work, now=moment))


def _due(work: Work) -> Iterator[tuple[int, Act]]:
    for plan in every(work.tx, Subscription):
        if plan.live and plan.period_end <= work.now:
            yield plan.period_end, _period_over(plan)
    for owed in every(work.tx, Invoice, {"status": "open"}):
        at = owed.next_payment_attempt
        if at is not None and at <= work.now:
            yield at, _tried_again(owed)


def _period_over(plan: Subscription) -> Act:
    def act(work: Work) -> None:
        if plan.cancel_at_period_end:
            end(work, plan)
            return
        following = subscription.renewed(plan)
        owed = invoice.drawn_up(work, following, "subscription_cycle")
        following = work.save(following.model_copy(update={"latest_invoice": owed.id}))
        emit(work, "customer.subscription.updated", following)
        _tried_again(owed)(work)

    return act


def _tried_again(owed: Invoice) -> Act:
    def act(work: Work) -> None:
        plan = work.find(Subscription, owed.subscription)
        method = card_of(work, plan) if plan is not None else None
        if method is None or method.customer != owed.customer:
            _failed(work, owed.model_copy(update={"attempted": True}), asks=False)
        else:
            collect(work, owed, method)

    return act


def _paid(work: Work, owed: Invoice) -> None:
    paid = invoice.ended(
        work,
        owed,
        "paid",
        attempted=True,
        amount_paid=owed.amount_due,
        amount_remaining=0,
    )
    for kind in ("invoice.paid", "invoice.payment_succeeded"):
        emit(work, kind, paid)
    _nothing_owed(work, paid)


def _failed(work: Work, owed: Invoice, *, asks: bool) -> None:
    since = owed.status_transitions["finalized_at"] or owed.created
    left = [at for days in RETRY_DAYS if (at := since + days * DAY) > work.now]
    changes = {"next_payment_attempt": left[0] if left and owed.auto_advance else None}
    failed = work.save(owed.model_copy(update=changes))
    emit(work, "invoice.payment_failed", failed)
    if asks:
        emit(work, "invoice.payment_action_required", failed)
    plan = work.find(Subscription, owed.subscription)
    if plan is not None and plan.live:
        subscription.changed(work, plan, status="past_due")


def _nothing_owed(work: Work, settled: Invoice) -> None:
    """The subscription stands as its latest invoice does."""
    plan = work.find(Subscription, settled.subscription)
    if plan is not None and plan.status == "past_due" and plan.latest_invoice == settled.id:
        subscription.changed(work, plan, status="active")


def _intent_of(work: Work, owed: Invoice) -> PaymentIntent:
    """The one payment that an invoice has, over all its tries."""
    known = work.find(PaymentIntent, owed.payment_intent) if owed.payment_intent else None
    return known or _intent(work, owed.amount_due, owed.currency, owed.customer)


def _intent(work: Work, cents: int, currency: str, customer: str) -> PaymentIntent:
    identifier = new_id("pi")
    intent = PaymentIntent(
        id=identifier,
        created=work.now,
        allowed_payment_method_types=("card",),
        amount=cents,
        client_secret=f"{identifier}_secret_{random_text(24)}",
        currency=currency,
        customer=customer,
        description="Subscription",
        status="requires_confirmation",
    )
    work.save(intent)
    emit(work, "payment_intent.created", intent)
    return intent
