"""Bookeo's webhooks over HTTP: what is taken, what is refused, and what is kept of it."""

import hashlib
import hmac
import json
import time
from typing import Any
from uuid import uuid4

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from domain.sweeps import ProviderNotice
from tests.mcp_server.issuer import Issuer
from tests.mcp_server.world import TLS, WEBHOOK_HOST, WEBHOOK_KEY, WEBHOOK_URL, World, running

pytestmark = pytest.mark.asyncio(loop_scope="module")

REFERENCE = f"sa-{uuid4()}"
ITEM = {
    "bookingNumber": "140647314429493",
    "externalRef": REFERENCE,
    "canceled": True,
    "title": "Ana Lind",
    "customer": {"firstName": "Maria", "emailAddress": "maria@example.com"},
}
BODY = json.dumps({"itemId": "140647314429493", "item": ITEM}).encode()


def signed(
    body: bytes = BODY,
    *,
    age_s: float = 0,
    key: str = WEBHOOK_KEY,
    url: str = WEBHOOK_URL,
    message_id: str | None = None,
) -> dict[str, str]:
    """The headers that Bookeo would send."""
    stamp = str(int((time.time() - age_s) * 1000))
    message = uuid4().hex if message_id is None else message_id
    text = f"{stamp}{message}{url}".encode() + body
    return {
        "X-Bookeo-Timestamp": stamp,
        "X-Bookeo-MessageId": message,
        "X-Bookeo-Signature": hmac.new(key.encode(), text, hashlib.sha256).hexdigest(),
    }


async def post(world: World, headers: dict[str, str], body: bytes = BODY) -> httpx.Response:
    async with httpx.AsyncClient(base_url=world.base, timeout=10, verify=TLS) as http:
        return await http.post("/webhooks/bookeo", content=body, headers=headers)


async def test_a_signed_message_is_taken_once_and_answered_well_both_times(served: World) -> None:
    headers = signed(message_id="m-1")

    answers = [await post(served, headers) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    notice = served.temporal.started["provider-notice-m-1"]
    assert notice == ProviderNotice(booking_number="140647314429493", reference=REFERENCE)


async def test_the_registered_address_may_have_a_name_of_its_own(served: World) -> None:
    headers = signed() | {"Host": WEBHOOK_HOST}
    assert (await post(served, headers)).status_code == 200
    assert (await post(served, headers | {"Host": "hooks.evil.example"})).status_code == 421


async def test_nothing_of_the_message_is_kept_but_number_and_reference(served: World) -> None:
    await post(served, signed(message_id="m-2"))

    kept = served.temporal.started["provider-notice-m-2"]

    assert isinstance(kept, ProviderNotice)
    for person in ("Ana", "Maria", "example.com"):
        assert person not in kept.model_dump_json()


async def test_a_reference_of_another_system_is_not_kept(served: World) -> None:
    body = json.dumps({"itemId": "B1", "item": {"externalRef": "Ana Lind, table 4"}}).encode()

    assert (await post(served, signed(body, message_id="m-3"), body)).status_code == 200

    assert served.temporal.started["provider-notice-m-3"] == ProviderNotice(booking_number="B1")


FORGED: dict[str, dict[str, Any]] = {
    "another key": {"key": "guessed"},
    "another address": {"url": "https://elsewhere.example/webhooks/bookeo"},
    "older than five minutes": {"age_s": 301},
    "from the future": {"age_s": -301},
}


@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED)
async def test_what_bookeo_did_not_sign_just_now_is_refused(
    served: World, forged: dict[str, Any]
) -> None:
    before = dict(served.temporal.started)
    refused = await post(served, signed(**forged))
    assert refused.status_code == 401
    assert "not signed by Bookeo" in refused.json()["message"]
    assert served.temporal.started == before


@pytest.mark.parametrize(
    "changed",
    [
        {"X-Bookeo-Signature": ""},
        {"X-Bookeo-Signature": "Ä"},
        {"X-Bookeo-Timestamp": ""},
        {"X-Bookeo-Timestamp": "soon"},
        {"X-Bookeo-Timestamp": "9" * 40},
        {"X-Bookeo-MessageId": "another"},
    ],
    ids=str,
)
async def test_a_changed_or_missing_header_is_refused(
    served: World, changed: dict[str, str]
) -> None:
    sent = {**signed(), **changed}
    headers = {name.encode(): value.encode("latin-1") for name, value in sent.items()}
    async with httpx.AsyncClient(base_url=served.base, timeout=10, verify=TLS) as http:
        refused = await http.post("/webhooks/bookeo", content=BODY, headers=headers)
    assert refused.status_code == 401


async def test_a_changed_body_is_refused(served: World) -> None:
    assert (await post(served, signed(), BODY.replace(b"140", b"141"))).status_code == 401


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b"{}", b'{"itemId": "a b"}', b"\xff", b'{"itemId": null}']
)
async def test_a_signed_message_that_names_no_booking_is_refused(
    served: World, body: bytes
) -> None:
    assert (await post(served, signed(body), body)).status_code == 400


@pytest.mark.parametrize("message_id", ["", "x" * 101, "../etc"])
async def test_a_message_without_a_usable_id_is_refused(served: World, message_id: str) -> None:
    assert (await post(served, signed(message_id=message_id))).status_code == 400


async def test_a_message_that_is_too_long_is_refused_before_it_is_read(served: World) -> None:
    body = b" " * (300 * 1024)
    assert (await post(served, signed(body), body)).status_code == 413


async def test_while_temporal_is_down_the_message_has_to_come_again(served: World) -> None:
    headers = signed(message_id="m-4")
    served.temporal.up = False
    try:
        assert (await post(served, headers)).status_code == 503
    finally:
        served.temporal.up = True
    assert (await post(served, headers)).status_code == 200
    assert "provider-notice-m-4" in served.temporal.started


async def test_without_a_registered_address_webhooks_are_off_and_say_so(
    key: RSAPrivateKey,
) -> None:
    async with running(Issuer(key), webhooks=False) as world:
        refused = await post(world, signed())
    assert refused.status_code == 404
    assert "BOOKEO_WEBHOOK_URL" in refused.json()["message"]
