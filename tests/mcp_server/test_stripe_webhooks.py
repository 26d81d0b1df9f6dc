"""Stripe's webhooks over HTTP: what is taken, what is refused, and what is kept of it."""

import json
import time
from typing import Any
from uuid import uuid4

import httpx
import pytest
import stripe
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from domain.account_looks import StripeNotice, digest_of
from mcp_server.stripe_webhooks import KINDS
from tests.mcp_server.issuer import Issuer
from tests.mcp_server.world import STRIPE_SECRET, TLS, World, running

pytestmark = pytest.mark.asyncio(loop_scope="module")

CUSTOMER = "cus_QxYz0123456789"


def event(kind: str = "invoice.payment_failed", **changes: Any) -> dict[str, Any]:
    """As Stripe writes it, with people in it."""
    thing = {"id": "in_1", "customer": CUSTOMER, "customer_email": "maria@example.com"}
    told = {"id": f"evt_{uuid4().hex}", "object": "event", "type": kind}
    return {**told, "data": {"object": thing}, "livemode": False} | changes


def body_of(told: Any) -> bytes:
    return json.dumps(told, indent=2).encode()


def signed(body: bytes, *, age_s: int = 0, secret: str = STRIPE_SECRET) -> dict[str, str]:
    """The header that Stripe would send."""
    stamp = int(time.time()) - age_s
    header = stripe.WebhookSignature.generate_signature_header(  # pyright: ignore[reportUnknownMemberType]  # the SDK leaves `timestamp` untyped
        body.decode("utf-8", "replace"), secret, stamp
    )
    return {"Stripe-Signature": header}


async def post(world: World, body: bytes, headers: dict[str, str]) -> httpx.Response:
    sent = {name.encode(): value.encode("latin-1") for name, value in headers.items()}
    async with httpx.AsyncClient(base_url=world.base, timeout=10, verify=TLS) as http:
        return await http.post("/webhooks/stripe", content=body, headers=sent)


def run_of(told: dict[str, Any]) -> str:
    return f"stripe-event-{told['id']}"


async def test_a_signed_event_is_taken_once_and_answered_well_both_times(served: World) -> None:
    told = event()
    body = body_of(told)

    answers = [await post(served, body, signed(body)) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert [answer.json()["message"] for answer in answers] == ["Taken.", "Taken before."]
    notice = served.temporal.started[run_of(told)]
    assert isinstance(notice, StripeNotice)
    customer = digest_of(CUSTOMER)
    assert notice == StripeNotice(event_id=told["id"], kind=told["type"], customer=customer)
    kept = notice.model_dump_json()
    assert "maria" not in kept
    assert CUSTOMER not in kept


@pytest.mark.parametrize("kind", sorted(KINDS))
async def test_whatever_may_change_an_account_is_looked_into(served: World, kind: str) -> None:
    told = event(kind)
    body = body_of(told)
    assert (await post(served, body, signed(body))).status_code == 200
    assert run_of(told) in served.temporal.started


@pytest.mark.parametrize(
    "told",
    [
        event("charge.succeeded"),
        event("payout.paid", data={"object": {"customer": {"odd": True}}}),
        event("invoice.paid", data={"object": {"customer": None}}),
        event("invoice.paid", data={"object": {}}),
    ],
    ids=["another kind", "of another shape", "of no customer", "without a customer"],
)
async def test_what_nothing_follows_from_is_answered_well_and_dropped(
    served: World, told: dict[str, Any]
) -> None:
    body = body_of(told)
    assert (await post(served, body, signed(body))).status_code == 200
    assert run_of(told) not in served.temporal.started


FORGED: dict[str, dict[str, Any]] = {
    "another secret": {"secret": "whsec_guessed"},
    "older than five minutes": {"age_s": 301},
    "from the future": {"age_s": -301},
}


@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED)
async def test_what_stripe_did_not_sign_just_now_is_refused(
    served: World, forged: dict[str, Any]
) -> None:
    told = event()
    body = body_of(told)
    refused = await post(served, body, signed(body, **forged))
    assert refused.status_code == 401
    assert "not signed by Stripe" in refused.json()["message"]
    assert run_of(told) not in served.temporal.started


@pytest.mark.parametrize(
    "header",
    ["", "Ä", "t=1", "v1=abc", "t=soon,v1=abc", f"t={'9' * 40},v1=abc", "t=1,v1=Ä", ",,,"],
)
async def test_a_header_that_is_no_signature_is_refused(served: World, header: str) -> None:
    refused = await post(served, body_of(event()), {"Stripe-Signature": header})
    assert refused.status_code == 401


async def test_the_later_of_two_stamps_makes_an_old_message_no_younger(served: World) -> None:
    body = body_of(event())
    header = signed(body, age_s=400)["Stripe-Signature"]
    for both in (f"{header},t={int(time.time())}", f"t={int(time.time())},{header}"):
        assert (await post(served, body, {"Stripe-Signature": both})).status_code == 401


async def test_a_changed_body_is_refused(served: World) -> None:
    body = body_of(event())
    assert (await post(served, body.replace(b"cus_", b"cus_x"), signed(body))).status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b"{}",
        body_of(event(id="../etc")),
        body_of(event(data=None)),
        body_of(event(data={"object": {"customer": "Maria Lind"}})),
        body_of(event(data={"object": {"customer": {"id": CUSTOMER}}})),
    ],
)
async def test_a_signed_message_that_is_no_event_is_refused(served: World, body: bytes) -> None:
    refused = await post(served, body, signed(body))
    assert refused.status_code == 400
    assert "Maria" not in refused.text


async def test_a_body_that_is_no_text_is_refused(served: World) -> None:
    assert (await post(served, b"\xff", signed(b"\xff"))).status_code == 401


async def test_while_temporal_is_down_the_event_has_to_come_again(served: World) -> None:
    told = event()
    body = body_of(told)
    served.temporal.up = False
    try:
        assert (await post(served, body, signed(body))).status_code == 503
    finally:
        served.temporal.up = True
    assert (await post(served, body, signed(body))).status_code == 200
    assert run_of(told) in served.temporal.started


async def test_without_a_secret_webhooks_are_off_and_say_so(key: RSAPrivateKey) -> None:
    body = body_of(event())
    async with running(Issuer(key), webhooks=False) as world:
        refused = await post(world, body, signed(body))
    assert refused.status_code == 404
    assert "STRIPE_WEBHOOK_SECRET" in refused.json()["message"]
