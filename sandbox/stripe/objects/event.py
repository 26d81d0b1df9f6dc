"""Events: what happened in the account, told to the webhook endpoints."""

from typing import Any, Literal

import stripe

from sandbox.stripe import webhooks
from sandbox.stripe.records import Record
from sandbox.stripe.wire.identifiers import new_id
from sandbox.stripe.work import Work


class Event(Record):
    """One event, with the object as it was at that moment."""

    object: Literal["event"] = "event"
    type: str
    api_version: str = stripe.api_version
    data: dict[str, Any]
    pending_webhooks: int = 0
    """How many endpoints it was for."""
    request: dict[str, str | None]


def emit(work: Work, kind: str, record: Record) -> None:
    """Record that something happened, and have it told to the endpoints that want it."""
    listeners = webhooks.listening(work.tx, kind)
    event = Event(
        id=new_id("evt"),
        created=work.now,
        type=kind,
        data={"object": record.wire()},
        pending_webhooks=len(listeners),
        request={"id": work.request_id, "idempotency_key": work.idempotency_key},
    )
    work.save(event)
    for listener in listeners:
        webhooks.send(work.tx, listener, event.wire())
