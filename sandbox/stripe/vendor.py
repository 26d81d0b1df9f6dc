"""The Stripe simulator as a vendor of the machinery."""

from collections.abc import Mapping
from typing import Any

from sandbox.simulator.store import Transaction, now_ms
from sandbox.simulator.vendor import Vendor
from sandbox.stripe import (
    billing_control,
    control,
    faults,
    idempotency,
    invariants,
    records,
    settings,
    webhooks,
)
from sandbox.stripe.api import Api, Endpoint, reference_of
from sandbox.stripe.endpoints import (
    charges,
    checkout_sessions,
    customers,
    events,
    invoices,
    payment_intents,
    payment_methods,
    prices,
    refunds,
    setup_intents,
    subscriptions,
)
from sandbox.stripe.objects import checkout_session
from sandbox.stripe.objects.charge import Charge
from sandbox.stripe.objects.checkout_session import EXPIRY_JOB, CheckoutSession
from sandbox.stripe.objects.customer import Customer
from sandbox.stripe.objects.event import Event
from sandbox.stripe.objects.invoice import Invoice
from sandbox.stripe.objects.payment_intent import PaymentIntent
from sandbox.stripe.objects.payment_method import PaymentMethod
from sandbox.stripe.objects.price import Price
from sandbox.stripe.objects.refund import Refund
from sandbox.stripe.objects.setup_intent import SetupIntent
from sandbox.stripe.objects.subscription import Subscription
from sandbox.stripe.pages import authenticate, checkout, invoice
from sandbox.stripe.records import Record
from sandbox.stripe.webhook_control import WebhookControl
from sandbox.stripe.webhooks import WebhookEndpoint
from sandbox.stripe.wire.refusals import worded
from sandbox.stripe.work import Work

KINDS: tuple[type[Record], ...] = (
    Customer,
    PaymentMethod,
    CheckoutSession,
    SetupIntent,
    PaymentIntent,
    Charge,
    Refund,
    Price,
    Subscription,
    Invoice,
    Event,
)

ENDPOINTS: tuple[Endpoint[Any], ...] = (
    *customers.ENDPOINTS,
    *payment_methods.ENDPOINTS,
    *checkout_sessions.ENDPOINTS,
    *setup_intents.ENDPOINTS,
    *payment_intents.ENDPOINTS,
    *charges.ENDPOINTS,
    *refunds.ENDPOINTS,
    *prices.ENDPOINTS,
    *subscriptions.ENDPOINTS,
    *invoices.ENDPOINTS,
    *events.ENDPOINTS,
)


PRICE = "price_signupassist_monthly"


def stripe_vendor(
    secret_key: str,
    webhook_secret: str | None = None,
    *,
    price: str = PRICE,
    endpoint: WebhookEndpoint | None = None,
) -> Vendor:
    """The simulator that accepts that one secret key.

    `webhook_secret` signs for webhook endpoints registered without a secret of their own; `price`
    is the one that can be subscribed to; to `endpoint` events go from the start.
    """
    api = Api(secret_key, KINDS)

    def on_start(tx: Transaction) -> None:
        api.in_flight.clear()
        if records.found(tx, Price, price) is None:
            records.save(tx, Price(id=price, created=int(now_ms() / 1000)))
        if endpoint is not None:
            webhooks.register(tx, endpoint)

    return Vendor(
        name="stripe",
        schema=records.SCHEMA + idempotency.SCHEMA + settings.SCHEMA + webhooks.SCHEMA,
        routes=(
            *(api.route(served) for served in ENDPOINTS),
            *checkout.ROUTES,
            *authenticate.ROUTES,
            *invoice.ROUTES,
        ),
        error=worded,
        invariants=invariants.broken,
        control_routes=(
            *control.routes(KINDS),
            *billing_control.routes(),
            *WebhookControl(webhook_secret).routes(),
        ),
        fault_kinds=faults.KINDS,
        reference_of=reference_of,
        on_start=on_start,
        jobs={EXPIRY_JOB: _expire_session},
        sign=webhooks.sign,
        redelivery_seconds=webhooks.REDELIVERY_SECONDS,
    )


def _expire_session(tx: Transaction, payload: Mapping[str, Any]) -> None:
    work = Work(tx=tx, now=int(now_ms() / 1000) + settings.clock_offset(tx))
    session = work.find(CheckoutSession, payload["id"])
    if session is not None and session.status == "open":
        checkout_session.expire(work, session)
