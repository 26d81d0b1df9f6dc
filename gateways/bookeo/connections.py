"""The connections to one account, none of which a call that is cut off takes with it."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import httpx

from gateways.turns import Turns


@dataclass
class _Pool:
    http: httpx.AsyncClient
    calls: int = 0


class Connections:
    """A pool of them, and a fresh one after each call that was cut off.

    A call past its time must be cut off, or it might book long after it was given up; and by that
    a pool may lose its connection for good, even where nobody waits in it (`Turns`). So one in
    which a call was cut off gets no further calls: it is closed with the last of those it has.

    Args:
        opened: makes a pool.
        at_once: how many connections a pool has.
        turn_within: how long a call may wait for its turn.
    """

    def __init__(
        self, opened: Callable[[], httpx.AsyncClient], at_once: int, turn_within: timedelta
    ) -> None:
        self._opened = opened
        self._pool = _Pool(opened())
        self._turns = Turns(at_once, turn_within.total_seconds())

    @property
    def http(self) -> httpx.AsyncClient:
        """The pool of the next call."""
        return self._pool.http

    @asynccontextmanager
    async def one(self) -> AsyncGenerator[httpx.AsyncClient]:
        """A call's turn, and its pool.

        Raises:
            httpx.PoolTimeout: no turn came; nothing was sent.
        """
        await self._turns.take()
        pool = self._pool
        pool.calls += 1
        try:
            yield pool.http
        except asyncio.CancelledError:
            if pool is self._pool:
                self._pool = _Pool(self._opened())
            raise
        finally:
            pool.calls -= 1
            self._turns.give_back()
            if pool is not self._pool and not pool.calls:
                await pool.http.aclose()

    async def aclose(self) -> None:
        """Close them."""
        await self._pool.http.aclose()
