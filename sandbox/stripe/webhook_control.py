"""The control surface's part on webhooks: endpoints, and sending events again."""

import secrets
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from sandbox.simulator.answer import Answer, Refused
from sandbox.simulator.background import is_loopback_url
from sandbox.simulator.store import Transaction
from sandbox.simulator.vendor import Call, VendorRoute
from sandbox.stripe import webhooks
from sandbox.stripe.control import asked
from sandbox.stripe.objects.event import Event
from sandbox.stripe.records import found
from sandbox.stripe.webhooks import WebhookEndpoint
from sandbox.stripe.wire.identifiers import new_id


def _on_this_machine(url: str) -> str:
    if not is_loopback_url(url):
        raise ValueError("a simulator posts to this machine only, e.g. http://127.0.0.1:8000/...")
    return url


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class NewEndpoint(_Body):
    """Registering a URL that is known replaces what was registered."""

    url: Annotated[str, AfterValidator(_on_this_machine)]
    secret: SecretStr | None = None
    """What deliveries are signed with; the simulator's own when None."""
    enabled_events: tuple[str, ...] = ("*",)


class Redelivery(_Body):
    """An event once more, to every endpoint that wants it."""

    copies: Annotated[int, Field(ge=1, le=100)] = 1
    in_seconds: Annotated[float, Field(ge=0, le=3_600)] = 0
    stamp_offset_seconds: Annotated[int, Field(ge=-86_400, le=86_400)] = 0
    """Signs with a time so far ahead: a stale delivery when negative, one of the future else."""
    forged: bool = False
    """Signs with a secret that is not the endpoint's."""


class WebhookControl:
    """`default_secret` signs for endpoints that are registered without one of their own."""

    def __init__(self, default_secret: str | None) -> None:
        self._default_secret = default_secret

    def routes(self) -> tuple[VendorRoute, ...]:
        """Under `/_sim/webhook_endpoints` and `/_sim/events`."""
        return (
            VendorRoute("GET", "/_sim/webhook_endpoints", _endpoints),
            VendorRoute("POST", "/_sim/webhook_endpoints", self._register),
            VendorRoute("DELETE", "/_sim/webhook_endpoints/{id}", _remove),
            VendorRoute("POST", "/_sim/events/{id}/deliver", _deliver),
        )

    def _register(self, call: Call, tx: Transaction) -> Answer:
        wanted = asked(call, NewEndpoint)
        own = None if wanted.secret is None else wanted.secret.get_secret_value()
        secret = own or self._default_secret
        if secret is None:
            raise Refused(
                422, "secret: send one, or start the simulator with STRIPE_WEBHOOK_SECRET."
            )
        endpoint = WebhookEndpoint(
            id=new_id("we"), url=wanted.url, secret=secret, enabled_events=wanted.enabled_events
        )
        webhooks.register(tx, endpoint)
        return Answer.of(endpoint.model_dump(mode="json", exclude={"secret"}), 201)


def _endpoints(call: Call, tx: Transaction) -> Answer:  # noqa: ARG001 - a Handler's shape
    known = [e.model_dump(mode="json", exclude={"secret"}) for e in webhooks.registered(tx)]
    return Answer.of({"webhook_endpoints": known})


def _remove(call: Call, tx: Transaction) -> Answer:
    if not webhooks.remove(tx, call.request.path_params["id"]):
        raise Refused(404, "There is no such webhook endpoint.")
    return Answer(204)


def _deliver(call: Call, tx: Transaction) -> Answer:
    wanted = asked(call, Redelivery)
    event = found(tx, Event, call.request.path_params["id"])
    if event is None:
        raise Refused(404, "There is no such event.")
    listeners = webhooks.listening(tx, event.type)
    for endpoint in listeners:
        for _ in range(wanted.copies):
            webhooks.post(
                tx,
                endpoint,
                event.wire(),
                in_seconds=wanted.in_seconds,
                stamp_offset_seconds=wanted.stamp_offset_seconds,
                secret=f"whsec_{secrets.token_hex(24)}" if wanted.forged else None,
            )
    return Answer.of({"deliveries": len(listeners) * wanted.copies}, 202)
