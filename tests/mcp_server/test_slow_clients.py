"""Clients that dawdle, or stop halfway."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from starlette.types import Receive, Scope, Send
from structlog.testing import capture_logs

from mcp_server.limits import Limits
from tests.mcp_server.issuer import Issuer
from tests.mcp_server.serving import HOST, bound_socket, port_of, serving
from tests.mcp_server.wire import answered, wire
from tests.mcp_server.world import PUBLIC_HOST, World, running

pytestmark = pytest.mark.asyncio(loop_scope="module")

SOON = timedelta(seconds=0.3)
CALL = json.dumps(
    {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": {"name": "list_children", "arguments": {}},
    }
).encode()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hasty(key: RSAPrivateKey) -> AsyncIterator[World]:
    """A server with room for one request, which waits for nobody."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mcp_server.limits.connections.HEAD_WITHIN", SOON)
        async with running(Issuer(key), limits=Limits(in_flight=1, body_within=SOON)) as world:
            yield world


def head(world: World, length: int, path: str = "/mcp") -> bytes:
    return (
        f"POST {path} HTTP/1.1\r\nHost: {PUBLIC_HOST}\r\n"
        f"Authorization: Bearer {world.issuer.token('ann')}\r\n"
        "Accept: application/json\r\nContent-Type: application/json\r\n"
        f"Content-Length: {length}\r\n\r\n"
    ).encode()


async def test_a_silent_connection_is_ended(hasty: World) -> None:
    async with wire(hasty.base) as silent:
        assert await silent.rest() == b""


async def test_a_head_that_does_not_end_is_not_waited_for_however_it_goes_on(hasty: World) -> None:
    begun = head(hasty, 2)[:-2]
    async with wire(hasty.base) as slow, asyncio.timeout(10):
        await slow.send(begun)
        dripping = asyncio.create_task(slow.drip(b"X-Slow: " + b"a" * 10_000, 0.02))
        assert (await slow.rest()).startswith(b"HTTP/1.1 408 ")
        dripping.cancel()


async def test_a_later_request_of_a_connection_is_not_waited_for_either(hasty: World) -> None:
    async with wire(hasty.base) as slow:
        await slow.send(head(hasty, len(CALL)) + CALL)
        assert await slow.status() == 200
        await slow.send(b"POST /mcp HT")
        assert b"HTTP/1.1 408 " in await slow.rest()


@pytest.mark.parametrize("path", ["/mcp", "/webhooks/bookeo", "/healthz", "/nowhere"])
async def test_a_body_that_does_not_end_is_not_waited_for(hasty: World, path: str) -> None:
    async with wire(hasty.base) as slow:
        await slow.send(head(hasty, 1_000, path))
        dripping = asyncio.create_task(slow.drip(b"x" * 10_000, 0.02))
        assert (await slow.rest()).startswith(b"HTTP/1.1 408 ")
        dripping.cancel()


async def test_a_slow_body_takes_nobodys_place(hasty: World) -> None:
    async with wire(hasty.base) as slow:
        await slow.send(head(hasty, 1_000) + b"{")
        assert await answered(hasty.base, head(hasty, len(CALL)) + CALL) == 200


async def test_what_is_too_long_is_refused_from_its_head_alone(hasty: World) -> None:
    async with wire(hasty.base) as long:
        await long.send(head(hasty, 10**9))
        assert (await long.rest()).startswith(b"HTTP/1.1 413 ")
    chunked = head(hasty, 0).replace(b"Content-Length: 0", b"Transfer-Encoding: chunked")
    async with wire(hasty.base) as long:
        await long.send(chunked + b"1000\r\n" + b"x" * 4_096 + b"\r\n")
        for _ in range(80):
            await long.send(b"1000\r\n" + b"x" * 4_096 + b"\r\n")
        assert await long.status() == 413


async def test_what_is_cut_off_halfway_reaches_nobody(
    hasty: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with capture_logs() as lines:
        for path in ("/mcp", "/webhooks/bookeo"):
            async with wire(hasty.base) as cut:
                await cut.send(head(hasty, len(CALL) + 1, path) + CALL)
        assert await answered(hasty.base, head(hasty, len(CALL)) + CALL) == 200
    events = [line["event"] for line in lines]
    assert [event for event in events if event != "http_request"] == ["tool_call"]
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


@pytest.mark.parametrize("host", [PUBLIC_HOST, "evil.example"])
async def test_what_goes_wrong_halfway_is_answered_once(
    hasty: World, caplog: pytest.LogCaptureFixture, host: str
) -> None:
    chunked = head(hasty, 0).replace(b"Content-Length: 0", b"Transfer-Encoding: chunked")
    async with wire(hasty.base) as wrong:
        await wrong.send(chunked.replace(PUBLIC_HOST.encode(), host.encode()) + b"zz\r\n")
        assert (await wrong.rest()).count(b"HTTP/1.1 ") == 1
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


async def test_who_does_not_take_the_answer_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mcp_server.limits.connections.ANSWER_TAKEN_WITHIN", SOON)
    done = asyncio.Event()

    async def endless(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        message: Any = {}
        while message.get("type") != "http.disconnect":
            await send({"type": "http.response.body", "body": b"x" * 65_536, "more_body": True})
            message = await gone(receive)
        done.set()

    async def gone(receive: Receive) -> Any:
        try:
            async with asyncio.timeout(0.001):
                return await receive()
        except TimeoutError:
            return {}

    listening = bound_socket()
    async with serving((endless, listening)), wire(f"http://{HOST}:{port_of(listening)}") as deaf:
        await deaf.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        async with asyncio.timeout(10):
            await done.wait()


async def test_beyond_the_most_connections_none_is_taken(
    served: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mcp_server.limits.connections.MOST", 1)
    async with wire(served.base) as first, wire(served.base) as second:
        assert await second.rest() == b""
        await first.send(f"GET / HTTP/1.1\r\nHost: {PUBLIC_HOST}\r\n\r\n".encode())
        assert await first.status() == 200
