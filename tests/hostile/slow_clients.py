"""Clients who send a little, and then a little more, while everything else goes on."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from tests.hostile.blows import Outcome, judged
from tests.hostile.target import Target
from tests.mcp_server.wire import wire
from tests.mcp_server.world import PUBLIC_HOST

KIND = "slow clients"
EVERY_S = 0.1

BEGINNINGS = [
    b"",
    b"POST /mcp HTT",
    f"POST /mcp HTTP/1.1\r\nHost: {PUBLIC_HOST}\r\nX-Slow: ".encode(),
    f"POST /mcp HTTP/1.1\r\nHost: {PUBLIC_HOST}\r\nContent-Length: 9999\r\n\r\n".encode(),
    f"POST /webhooks/bookeo HTTP/1.1\r\nHost: {PUBLIC_HOST}\r\n"
    f"Transfer-Encoding: chunked\r\n\r\n".encode(),
]


async def _dawdle(target: Target, beginning: bytes) -> Outcome:
    """One connection, for as long as the server bears with it."""
    async with wire(target.world.base) as slow:
        await slow.send(beginning)
        dripping = asyncio.create_task(slow.drip(b"a" * 100_000, EVERY_S))
        try:
            status = await slow.status()
        except TimeoutError:
            return judged(KIND, 0, f"it was waited for without an end, after {beginning!r}")
        finally:
            dripping.cancel()
            await asyncio.wait([dripping])
    return judged(KIND, status)


@asynccontextmanager
async def dawdling(target: Target, at_once: int) -> AsyncGenerator[list[Outcome]]:
    """So many of them at any time; the list fills with what became of each."""
    outcomes: list[Outcome] = []

    async def again_and_again(beginning: bytes) -> None:
        while True:
            outcomes.append(await _dawdle(target, beginning))

    beginnings = [BEGINNINGS[number % len(BEGINNINGS)] for number in range(at_once)]
    clients = [asyncio.create_task(again_and_again(beginning)) for beginning in beginnings]
    try:
        yield outcomes
    finally:
        for client in clients:
            client.cancel()
        await asyncio.gather(*clients, return_exceptions=True)
