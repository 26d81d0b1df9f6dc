"""Exchanges over HTTP that nobody cuts off half-way."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import httpx

_Answer = TypeVar("_Answer")


class Unbroken:
    """Lets as many through as there are connections, and sees each to its end.

    httpcore's pool (1.0) loses a connection for good where whoever waits for one, or reads an
    answer, is cancelled just then. After a minute in which hundreds gave up none is left, and every
    call fails from then on. So nobody waits in the pool; and who gives up leaves the exchange to
    its answer, or to its own time-outs. What is asked this way must be harmless when it comes
    through after all.

    Args:
        at_once: how many connections the pool has.
        turn_within: seconds that one may wait for a turn, as httpx counts them; None for no end.
    """

    def __init__(self, at_once: int, turn_within: float | None) -> None:
        self._room = asyncio.Semaphore(at_once)
        self._turn_within = turn_within
        self._under_way: set[asyncio.Task[Any]] = set()

    async def exchange(self, ask: Callable[[], Coroutine[Any, Any, _Answer]]) -> _Answer:
        """Ask in one's turn, and wait for the answer.

        Raises:
            httpx.PoolTimeout: no turn came; nothing was asked.
            Exception: whatever the exchange raises.
        """
        try:
            async with asyncio.timeout(self._turn_within):
                await self._room.acquire()
        except TimeoutError:
            raise httpx.PoolTimeout("no connection came free") from None
        under_way = asyncio.create_task(ask())
        self._under_way.add(under_way)
        under_way.add_done_callback(self._ended)
        return await asyncio.shield(under_way)

    def _ended(self, exchange: asyncio.Task[Any]) -> None:
        self._under_way.discard(exchange)
        self._room.release()
        if not exchange.cancelled():
            exchange.exception()  # who gave up asks for it no more
