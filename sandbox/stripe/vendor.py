"""The Stripe simulator as a vendor of the machinery."""

from collections.abc import Mapping
from typing import Any

from sandbox.simulator.store import Transaction, now_ms
from sandbox.simulator.vendor import Vendor
from sandbox.stripe import control, faults, idempotency, invariants, records, settings, webhooks
from sandbox.stripe.api import Api, Endpoint, reference_of
from sandbox.stripe.endpoints import (
    charges,
    checkout_sessions,
    customers,
    events,
    payment_intents,
    payment_methods,
    refunds,
    setup_intents,
)
from sandbox.stripe.objects import checkout_session
from sandbox.stripe.objects.charge import Charge
from sandbox.stripe.objects.checkout_session import EXPIRY_JOB, CheckoutSession
from sandbox.stripe.objects.customer import Customer
from sandbox.stripe.objects.event import Event
from sandbox.stripe.objects.payment_intent import PaymentIntent
from sandbox.stripe.objects.payment_method import PaymentMethod
from sandbox.stripe.objects.refund import Refund
from sandbox.stripe.objects.setup_intent import SetupIntent
from sandbox.stripe.pages import authenticate, checkout
from sandbox.stripe.records import Record
from sandbox.stripe.webhook_control import WebhookControl
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
    *events.ENDPOINTS,
)


def stripe_vendor(secret_key: str, webhook_secret: str | None = None) -> Vendor:
    """The simulator that accepts that one secret key.

    `webhook_secret` signs for webhook endpoints registered without a secret of their own.
    """
    api = Api(secret_key, KINDS)

    def on_start(tx: Transaction) -> None:  # noqa: ARG001 - the machinery's shape
        api.in_flight.clear()

    return Vendor(
        name="stripe",
        schema=records.SCHEMA + idempotency.SCHEMA + settings.SCHEMA + webhooks.SCHEMA,
        routes=(
            *(api.route(endpoint) for endpoint in ENDPOINTS),
            *checkout.ROUTES,
            *authenticate.ROUTES,
        ),
        error=worded,
        invariants=invariants.broken,
        control_routes=(*control.routes(KINDS), *WebhookControl(webhook_secret).routes()),
        fault_kinds=faults.KINDS,
        reference_of=reference_of,
        on_start=on_start,
        jobs={EXPIRY_JOB: _expire_session},
        sign=webhooks.sign,
        redelivery_seconds=webhooks.REDELIVERY_SECONDS,
    )


def _expire_session(tx: Transaction, payload: Mapping[str, Any]) -> None:
    work = Work(tx=tx, now=int(now_ms() / 1000))
    session = work.find(CheckoutSession, payload["id"])
    if session is not None and session.status == "open":
        checkout_session.expire(work, session)
