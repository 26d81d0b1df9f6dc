"""Turns at a pool of connections."""

import asyncio

import httpx


class Turns:
    """As many as the pool has connections, so that nobody waits in the pool itself.

    httpcore's pool (1.0) loses a connection for good where whoever waits for it is cancelled, or
    times out, just then. After a minute in which hundreds gave up none is left, and every call
    fails from then on.

    Args:
        at_once: how many connections the pool has.
        within: seconds that one may wait for a turn, as httpx counts them; None for no end.
    """

    def __init__(self, at_once: int, within: float | None) -> None:
        self._room = asyncio.Semaphore(at_once)
        self._within = within

    async def take(self) -> None:
        """Wait for one. It is to be given back.

        Raises:
            httpx.PoolTimeout: none came; nothing was asked.
        """
        try:
            async with asyncio.timeout(self._within):
                await self._room.acquire()
        except TimeoutError:
            raise httpx.PoolTimeout("no connection came free") from None

    def give_back(self) -> None:
        """Let the next one have it."""
        self._room.release()
