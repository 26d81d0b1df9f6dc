"""Pools of connections that outlive a time in which most callers gave up."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import timedelta
from random import Random

import httpx
import pytest

from gateways.bookeo.connections import Connections
from gateways.unbroken import Unbroken

CONNECTIONS = 10
CALLERS = 150
ROUNDS = 5
LONGEST_PATIENCE_S = 0.2
ANSWERED_AFTER_S = 0.01
LIMITS = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
TURN = timedelta(seconds=1)

Call = Callable[[], Awaitable[object]]


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        await reader.readuntil(b"\r\n\r\n")
        await asyncio.sleep(ANSWERED_AFTER_S)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
        await writer.drain()
    except (OSError, asyncio.IncompleteReadError):
        return  # who called has gone
    finally:
        writer.close()


@pytest.fixture
async def url() -> AsyncGenerator[str]:
    server = await asyncio.start_server(_serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"


async def given_up(call: Call) -> Counter[str]:
    """Many call, over and over, most without the patience to wait for the answer."""
    chance, ends = Random(7), Counter[str]()  # noqa: S311 - not secret

    async def one(patience_s: float) -> None:
        try:
            async with asyncio.timeout(patience_s):
                await call()
            ends["answered"] += 1
        except (TimeoutError, httpx.PoolTimeout) as late:
            ends[type(late).__name__] += 1

    for _ in range(ROUNDS):
        async with asyncio.timeout(30):
            await asyncio.gather(
                *(one(chance.random() * LONGEST_PATIENCE_S) for _ in range(CALLERS))
            )
    return ends


async def answered(call: Call) -> int:
    """How many of as many calls as there are connections come through now, all at once."""
    async with asyncio.timeout(30):
        ends = await asyncio.gather(*(call() for _ in range(CONNECTIONS)), return_exceptions=True)
    return sum(not isinstance(end, BaseException) for end in ends)


async def test_the_pool_of_httpx_itself_loses_its_connections_to_callers_who_give_up(
    url: str,
) -> None:
    async with httpx.AsyncClient(limits=LIMITS, timeout=httpx.Timeout(5, pool=0.1)) as http:
        await given_up(lambda: http.get(url))

        lost = CONNECTIONS - await answered(lambda: http.get(url))

    assert lost, "httpcore is mended: what works around it may go"


async def test_an_exchange_that_nobody_waits_for_costs_no_connection(url: str) -> None:
    async with httpx.AsyncClient(limits=LIMITS, timeout=5) as http:
        unbroken = Unbroken(CONNECTIONS, 5)

        async def call() -> httpx.Response:
            return await unbroken.exchange(lambda: http.get(url))

        ends = await given_up(call)

        assert await answered(call) == CONNECTIONS
    assert (ends["answered"] > 0, ends["TimeoutError"] > 0) == (True, True)


async def test_a_call_that_is_cut_off_costs_no_connection(url: str) -> None:
    connections = Connections(
        lambda: httpx.AsyncClient(limits=LIMITS, timeout=5), CONNECTIONS, TURN
    )

    async def call() -> httpx.Response:
        async with connections.one() as http:
            return await http.get(url)

    ends = await given_up(call)

    assert await answered(call) == CONNECTIONS
    assert (ends["answered"] > 0, ends["TimeoutError"] > 0) == (True, True)
    await connections.aclose()


async def test_who_gets_no_turn_in_time_has_asked_nothing() -> None:
    asked: list[str] = []
    goes_on = asyncio.Event()
    unbroken = Unbroken(1, 0.05)
    connections = Connections(httpx.AsyncClient, 1, timedelta(seconds=0.05))

    async def hold() -> None:
        asked.append("held")
        await goes_on.wait()

    async def turn() -> None:
        async with connections.one():
            await hold()

    holding = [asyncio.create_task(unbroken.exchange(hold)), asyncio.create_task(turn())]
    await asyncio.sleep(0)
    await asyncio.sleep(0)

    with pytest.raises(httpx.PoolTimeout):
        await unbroken.exchange(hold)
    with pytest.raises(httpx.PoolTimeout):
        await turn()

    goes_on.set()
    async with asyncio.timeout(5):
        await asyncio.gather(*holding)
    assert asked == ["held", "held"]
    await connections.aclose()


async def test_an_exchange_goes_on_without_the_one_who_asked(url: str) -> None:
    answers: list[int] = []
    unbroken = Unbroken(1, 5)
    async with httpx.AsyncClient() as http:

        async def ask() -> None:
            answers.append((await http.get(url)).status_code)

        asking = asyncio.create_task(unbroken.exchange(ask))
        await asyncio.sleep(0)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        async with asyncio.timeout(5):
            await unbroken.exchange(ask)

    assert answers == [200, 200]
