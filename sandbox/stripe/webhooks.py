"""Webhook endpoints, and the signed deliveries to them."""

import json
import random
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

import stripe
from pydantic import Field

from domain.frozen import Frozen
from sandbox.simulator.background import deliver
from sandbox.simulator.faults import FaultBook
from sandbox.simulator.store import Transaction, now_ms
from sandbox.simulator.vendor import Delivery
from sandbox.stripe.faults import WebhookDelay, WebhookDuplicates, WebhookLoss

SCHEMA = """
CREATE TABLE IF NOT EXISTS stripe_webhook_endpoints (
  id TEXT PRIMARY KEY,
  url TEXT NOT NULL UNIQUE,
  secret TEXT NOT NULL,
  enabled_events TEXT NOT NULL
);
"""

REDELIVERY_SECONDS = (1, 5, 30, 120, 600)
"""Waits before the repeats of a delivery. Stripe's own schedule stretches over three days."""

_STANDING = FaultBook(())
"""Standing rules are read from the state file; the book of call faults has no part in it."""


class WebhookEndpoint(Frozen):
    """Where events are posted, and the secret they are signed with."""

    id: str
    url: str
    secret: str = Field(repr=False)
    enabled_events: tuple[str, ...] = ("*",)
    """Event types; a `*` stands for any text."""


def register(tx: Transaction, endpoint: WebhookEndpoint) -> None:
    """Add the endpoint, or replace the one with its URL."""
    tx.execute(
        "INSERT INTO stripe_webhook_endpoints (id, url, secret, enabled_events)"
        " VALUES (?, ?, ?, ?) ON CONFLICT (url) DO UPDATE SET"
        " id = excluded.id, secret = excluded.secret, enabled_events = excluded.enabled_events",
        endpoint.id,
        endpoint.url,
        endpoint.secret,
        json.dumps(endpoint.enabled_events),
    )


def remove(tx: Transaction, endpoint_id: str) -> bool:
    """Remove the endpoint; whether there was one."""
    return tx.execute("DELETE FROM stripe_webhook_endpoints WHERE id = ?", endpoint_id) > 0


def registered(tx: Transaction) -> list[WebhookEndpoint]:
    """Every endpoint."""
    rows = tx.all("SELECT * FROM stripe_webhook_endpoints ORDER BY url")
    return [
        WebhookEndpoint(**row | {"enabled_events": json.loads(row["enabled_events"])})
        for row in rows
    ]


def listening(tx: Transaction, event_type: str) -> list[WebhookEndpoint]:
    """The endpoints that want events of that type."""
    return [
        endpoint
        for endpoint in registered(tx)
        if any(fnmatchcase(event_type, wanted) for wanted in endpoint.enabled_events)
    ]


def send(tx: Transaction, endpoint: WebhookEndpoint, event: Mapping[str, Any]) -> None:
    """Post the event, as late and as often as the standing faults want it."""
    if _STANDING.standing(tx, WebhookLoss):
        return
    late = 0.0
    for fault, delay in _STANDING.standing(tx, WebhookDelay):
        draw = random.Random(f"{fault.rule_id}:{event['id']}")  # noqa: S311 - not secret
        late += delay.seconds + draw.uniform(0, delay.jitter_seconds)
    duplicating = _STANDING.standing(tx, WebhookDuplicates)
    copies = max((wanted.copies for _, wanted in duplicating), default=1)
    for _ in range(copies):
        post(tx, endpoint, event, in_seconds=late)


def post(
    tx: Transaction,
    endpoint: WebhookEndpoint,
    event: Mapping[str, Any],
    *,
    in_seconds: float = 0,
    stamp_offset_seconds: int = 0,
    secret: str | None = None,
) -> None:
    """Post the event once. Offset and secret make a stale, a future or a forged signature."""
    attributes = {"secret": secret or endpoint.secret, "stamp_offset": stamp_offset_seconds}
    body = json.dumps(event, indent=2).encode()
    deliver(tx, endpoint.url, body, attributes, due_ms=tx.now_ms + in_seconds * 1000)


def sign(delivery: Delivery) -> Mapping[str, str]:
    """The `Stripe-Signature` of one attempt, made by the SDK's own function."""
    stamp = int(now_ms() / 1000) + delivery.attributes["stamp_offset"]
    signature = stripe.WebhookSignature.generate_signature_header(  # pyright: ignore[reportUnknownMemberType]  # the SDK leaves `timestamp` untyped
        delivery.body.decode(), delivery.attributes["secret"], stamp
    )
    return {"stripe-signature": signature, "user-agent": "Stripe/1.0 (simulator)"}
