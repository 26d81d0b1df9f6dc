"""Exchanges over HTTP that nobody cuts off half-way."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from gateways.turns import Turns

_Answer = TypeVar("_Answer")


class Unbroken:
    """Lets as many through as there are connections, and sees each to its end.

    Not waiting in the pool (`Turns`) is not enough: it also loses a connection whose answer is
    being read by somebody who is cancelled. So who gives up leaves the exchange to its answer, or
    to its own time-outs. What is asked this way must be harmless when it comes through after all.

    Args:
        at_once: how many connections the pool has.
        turn_within: seconds that one may wait for a turn, as httpx counts them; None for no end.
    """

    def __init__(self, at_once: int, turn_within: float | None) -> None:
        self._turns = Turns(at_once, turn_within)
        self._under_way: set[asyncio.Task[Any]] = set()

    async def exchange(self, ask: Callable[[], Coroutine[Any, Any, _Answer]]) -> _Answer:
        """Ask in one's turn, and wait for the answer.

        Raises:
            httpx.PoolTimeout: no turn came; nothing was asked.
            Exception: whatever the exchange raises.
        """
        await self._turns.take()
        under_way = asyncio.create_task(ask())
        self._under_way.add(under_way)
        under_way.add_done_callback(self._ended)
        return await asyncio.shield(under_way)

    def _ended(self, exchange: asyncio.Task[Any]) -> None:
        self._under_way.discard(exchange)
        self._turns.give_back()
        if not exchange.cancelled():
            exchange.exception()  # who gave up asks for it no more
