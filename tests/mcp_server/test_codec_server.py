"""Temporal's payloads over HTTP: who may have them read, and what is said to the others."""

import base64
import json
from collections.abc import AsyncIterator
from typing import Any, cast

import httpx
import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from structlog.testing import capture_logs

from gateways.payload_codec import AesGcmCodec
from mcp_server.codec_server import CodecServer
from mcp_server.limits import Limits
from tests.mcp_server.issuer import Issuer
from tests.mcp_server.world import PUBLIC_HOST, TLS, World, running
from tests.payload_keys import NEW, OLD, payload_keys

pytestmark = pytest.mark.asyncio(loop_scope="module")

UI = "https://temporal.example"
MAY = {"permissions": ["payloads:decode"]}
SECRET = "registration 4711"

Body = dict[str, Any]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(key: RSAPrivateKey) -> AsyncIterator[World]:
    codec = CodecServer(AesGcmCodec(payload_keys(NEW, OLD)), f"{UI}/some/path")
    async with running(Issuer(key), codec=codec) as world:
        yield world


def text(value: bytes) -> str:
    return base64.b64encode(value).decode()


def body(data: str = SECRET) -> Body:
    payload = {"metadata": {"encoding": text(b"json/plain")}, "data": text(data.encode())}
    return {"payloads": [payload]}


async def post(
    world: World, what: str, sent: Body | bytes, token: str | None, **headers: str
) -> httpx.Response:
    authorization = {"Authorization": f"Bearer {token}"} if token else {}
    content = sent if isinstance(sent, bytes) else json.dumps(sent).encode()
    async with httpx.AsyncClient(base_url=world.base, timeout=10, verify=TLS) as http:
        return await http.post(
            f"/codec/{what}",
            content=content,
            headers={"Content-Type": "application/json", "X-Namespace": "default"}
            | authorization
            | headers,
        )


async def encrypted(world: World) -> Body:
    answer = await post(world, "encode", body(), world.issuer.token("kim", **MAY))
    return cast("Body", answer.json())


@pytest.mark.parametrize("grants", [MAY, {"scope": "openid payloads:decode"}], ids=str)
async def test_who_may_read_payloads_has_them_encrypted_and_read(
    world: World, grants: dict[str, Any]
) -> None:
    token = world.issuer.token("kim", **grants)
    encoded = await post(world, "encode", body(), token)
    decoded = await post(world, "decode", encoded.json(), token)
    assert (encoded.status_code, decoded.status_code) == (200, 200)
    assert text(b"new") == encoded.json()["payloads"][0]["metadata"]["encryption-key-id"]
    assert SECRET.encode() not in base64.b64decode(encoded.json()["payloads"][0]["data"])
    assert decoded.json() == body()
    assert decoded.headers["Cache-Control"] == "no-store"


async def test_what_an_older_key_encrypted_and_what_is_not_encrypted_is_read(world: World) -> None:
    old = AesGcmCodec(payload_keys(OLD))
    other = CodecServer(old, None)
    async with running(Issuer(world.issuer.key), codec=other) as before:
        kept = await encrypted(before)
    sent = {"payloads": [*kept["payloads"], *body()["payloads"]]}
    answer = await post(world, "decode", sent, world.issuer.token("kim", **MAY))
    assert answer.json() == {"payloads": body()["payloads"] * 2}


@pytest.mark.parametrize("what", ["decode", "encode"])
async def test_without_a_good_token_nothing_is_read(world: World, what: str) -> None:
    sent = await encrypted(world)
    for token in (None, "garbage", world.issuer.token("kim", exp=1, **MAY)):
        answer = await post(world, what, sent, token)
        assert answer.status_code == 401
        assert f"https://{PUBLIC_HOST}/.well-known/" in answer.headers["WWW-Authenticate"]
        assert "payloads" not in answer.json()


@pytest.mark.parametrize("what", ["decode", "encode"])
async def test_a_parent_s_token_reads_no_payload(world: World, what: str) -> None:
    sent = await encrypted(world)
    for grants in ({}, {"scope": "payloads"}, {"permissions": ["payloads:decode:not"]}):
        answer = await post(world, what, sent, world.issuer.token("ann", **grants))
        assert answer.status_code == 403
        assert 'error="insufficient_scope"' in answer.headers["WWW-Authenticate"]
        assert "payloads" not in answer.json()


async def preflight(world: World, origin: str) -> httpx.Response:
    async with httpx.AsyncClient(base_url=world.base, timeout=10, verify=TLS) as http:
        return await http.options(
            "/codec/decode",
            headers={
                "Origin": origin,
                "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "authorization,content-type,x-namespace",
            },
        )


async def test_the_web_ui_s_page_may_ask_and_is_shown_answers_and_refusals(world: World) -> None:
    before = await preflight(world, UI)
    sent = await encrypted(world)
    read = await post(world, "decode", sent, world.issuer.token("kim", **MAY), Origin=UI)
    refused = await post(world, "decode", sent, None, Origin=UI)
    assert (before.status_code, read.status_code, refused.status_code) == (200, 200, 401)
    for answer in (before, read, refused):
        assert answer.headers["Access-Control-Allow-Origin"] == UI
        assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "http://temporal.example", f"{UI}:8080", "null", f"{UI}.x"]
)
async def test_another_page_may_not_ask_even_with_a_good_token(world: World, origin: str) -> None:
    before = await preflight(world, origin)
    sent = await encrypted(world)
    answer = await post(world, "decode", sent, world.issuer.token("kim", **MAY), Origin=origin)
    assert (before.status_code, answer.status_code) == (400, 403)
    for refused in (before, answer):
        assert "Access-Control-Allow-Origin" not in refused.headers
        assert "payloads" not in refused.text


async def test_no_other_address_answers_a_page_of_the_web_ui(world: World) -> None:
    answer = await world.get("/healthz", Origin=UI)
    assert "Access-Control-Allow-Origin" not in answer.headers


async def test_a_payload_that_cannot_be_read_is_refused_by_the_name_of_its_key(
    world: World,
) -> None:
    token = world.issuer.token("kim", **MAY)
    unknown, altered = await encrypted(world), await encrypted(world)
    unknown["payloads"][0]["metadata"]["encryption-key-id"] = text(b"lost")
    altered["payloads"][0]["data"] = text(b"x" * 40)
    answers = [await post(world, "decode", sent, token) for sent in (unknown, altered)]
    assert [answer.status_code for answer in answers] == [400, 400]
    assert "the payload key named lost is not among" in answers[0].json()["message"]
    assert "the key named new" in answers[1].json()["message"]


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"{",
        b"null",
        b"\xff",
        b'{"payloads": 1}',
        b'{"payloads": [{"data": "A"}]}',
        b'{"payloads": [{"metadata": "' + SECRET.encode() + b'"}]}',
        b'{"payloads": ' + b"[" * 100_000,
    ],
    ids=lambda sent: str(sent[:30]),
)
async def test_what_is_no_payload_is_refused_without_being_repeated(
    world: World, sent: bytes
) -> None:
    with capture_logs() as logs:
        answer = await post(world, "decode", sent, world.issuer.token("kim", **MAY))
    assert answer.status_code == 400
    assert answer.json() == {"message": "These are no payloads."}
    assert SECRET not in str(logs)


async def test_a_body_that_is_too_long_is_refused_before_it_is_read(world: World) -> None:
    token = world.issuer.token("kim", **MAY)
    for what in ("decode", "encode"):
        answer = await post(world, what, body("x" * Limits().body_bytes), token)
        assert answer.status_code == 413


async def test_a_call_is_logged_by_how_much_and_never_by_what(world: World) -> None:
    sent = await encrypted(world)
    with capture_logs() as logs:
        await post(world, "decode", sent, world.issuer.token("kim", **MAY))
    (line,) = [entry for entry in logs if entry["event"] == "codec_call"]
    assert (line["what"], line["outcome"], line["payloads"]) == ("decode", "ok", 1)
    assert SECRET not in str(logs)


async def test_where_no_keys_are_given_there_is_no_codec_server(key: RSAPrivateKey) -> None:
    async with running(Issuer(key)) as off:
        answer = await post(off, "decode", body(), off.issuer.token("kim", **MAY))
    assert answer.status_code == 404
