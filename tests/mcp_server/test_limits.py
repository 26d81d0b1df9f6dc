"""What one user, and everybody together, may have of the server."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from mcp import MCPError
from mcp_types import CLIENT_CAPABILITIES_META_KEY, PROTOCOL_VERSION_META_KEY
from mcp_types.version import LATEST_MODERN_VERSION

from domain.family import Profile
from mcp_server.limits import Limits
from mcp_server.limits.allowances import Allowances
from tests.mcp_server.issuer import Issuer
from tests.mcp_server.world import World, running

SLOWLY = Limits(user_burst=3, user_per_second=0.1)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds by which the allowances' clock is ahead."""
    ahead, real = [0.0], time.monotonic
    monkeypatch.setattr("mcp_server.limits.allowances.monotonic", lambda: real() + ahead[0])
    return ahead


async def test_who_asks_too_often_is_told_when_to_come_again_and_nobody_else_is(
    key: RSAPrivateKey, clock: list[float]
) -> None:
    async with running(Issuer(key), limits=SLOWLY) as world:
        ann = world.issuer.token("ann")
        assert [(await world.post(ann)).status_code for _ in range(3)] == [200] * 3
        refused = await world.post(ann)
        assert refused.status_code == 429
        assert 1 <= int(refused.headers["Retry-After"]) <= 10
        assert "Wait" in refused.json()["error"]["message"]
        another_token = world.issuer.token("ann", jti="another")
        assert (await world.post(another_token)).status_code == 429
        assert (await world.post(world.issuer.token("bea"))).status_code == 200
        clock[0] += int(refused.headers["Retry-After"])
        assert (await world.post(ann)).status_code == 200
        assert (await world.post(ann)).status_code == 429


async def test_a_chat_shows_why_it_has_to_wait(key: RSAPrivateKey) -> None:
    async with (
        running(Issuer(key), limits=Limits(user_burst=6, user_per_second=0.1)) as world,
        world.chat("ann") as chat,
    ):

        async def ask_on() -> None:
            for _ in range(6):
                await chat.call_tool("list_children", {})

        with pytest.raises(MCPError, match=r"This account asks too often\. Wait \d+ s"):
            await ask_on()


def test_no_more_users_are_remembered_than_the_table_holds(clock: list[float]) -> None:
    allowances = Allowances(per_second=1, burst=2, users=2)
    for user in ("ann", "ann", "bea", "cem", "ann"):
        assert allowances.take(user) == 0, "ann was forgotten meanwhile, so begins anew"
    assert len(allowances) == 2
    assert allowances.take("ann") == 0
    assert 0 < allowances.take("ann") <= 1
    clock[0] += 1_000
    assert [bool(allowances.take("ann")) for _ in range(3)] == [False, False, True]


@asynccontextmanager
async def stuck(world: World, *users: str) -> AsyncGenerator[None]:
    """A call of each of those users is at work, and stays so."""
    inside, go_on = asyncio.Semaphore(0), asyncio.Event()
    profile = world.records.profile

    async def waiting(user_id: UUID) -> Profile:
        inside.release()
        await go_on.wait()
        return await profile(user_id)

    world.records.profile = waiting
    calls = [asyncio.create_task(call(world, user, "get_profile")) for user in users]
    try:
        async with asyncio.timeout(10):
            for _ in users:
                await inside.acquire()
            yield
            go_on.set()
            assert [answer.status_code for answer in await asyncio.gather(*calls)] == [200] * len(
                calls
            )
    finally:
        world.records.profile = profile
        go_on.set()


async def call(world: World, user: str, tool: str) -> httpx.Response:
    body: dict[str, Any] = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": {"name": tool, "arguments": {}},
    }
    return await world.post(world.issuer.token(user), body)


async def test_a_full_server_asks_to_come_again_and_is_still_well(key: RSAPrivateKey) -> None:
    async with running(Issuer(key), limits=Limits(in_flight=2)) as world:
        async with stuck(world, "ann", "bea"):
            refused = await call(world, "cem", "list_children")
            assert refused.status_code == 429
            assert refused.headers["Retry-After"] == "1"
            assert (await world.get("/")).status_code == 429
            assert (await world.get("/healthz")).status_code == 200
        assert (await call(world, "cem", "list_children")).status_code == 200


async def test_nobody_fills_the_server_alone(key: RSAPrivateKey) -> None:
    async with running(Issuer(key), limits=Limits(user_in_flight=1)) as world:
        async with stuck(world, "ann"):
            refused = await call(world, "ann", "list_children")
            assert (refused.status_code, refused.headers["Retry-After"]) == (429, "1")
            assert (await call(world, "bea", "list_children")).status_code == 200
        assert (await call(world, "ann", "list_children")).status_code == 200


async def test_many_who_ask_after_its_health_at_once_cause_one_look(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks, go_on = 0, asyncio.Event()

    async def counted() -> None:
        nonlocal looks
        looks += 1
        await go_on.wait()

    monkeypatch.setattr(world.records, "ping", counted)
    asking = [asyncio.create_task(world.get("/healthz")) for _ in range(20)]
    await asyncio.wait(asking, timeout=0.5)
    go_on.set()
    assert {answer.status_code for answer in await asyncio.gather(*asking)} == {200}
    assert looks == 1


async def test_nothing_is_streamed_so_no_connection_is_held(world: World) -> None:
    token = f"Bearer {world.issuer.token('ann')}"
    stream = {"Authorization": token, "Accept": "text/event-stream"}
    refused = await world.get("/mcp", **stream)
    assert (refused.status_code, refused.headers["Allow"]) == (405, "POST")
    assert (await world.get("/mcp", Accept="text/event-stream")).status_code == 401
    meta: dict[str, Any] = {
        PROTOCOL_VERSION_META_KEY: LATEST_MODERN_VERSION,
        CLIENT_CAPABILITIES_META_KEY: {},
    }
    listener: dict[str, Any] = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "subscriptions/listen",
        "params": {"_meta": meta, "notifications": {}},
    }
    modern = {
        "MCP-Protocol-Version": LATEST_MODERN_VERSION,
        "Mcp-Method": "subscriptions/listen",
    }
    unknown = await world.post(world.issuer.token("ann"), listener, **modern)
    assert unknown.json()["error"]["message"] == "Method not found"
