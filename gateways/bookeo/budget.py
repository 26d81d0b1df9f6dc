"""One account's requests, kept within its pace by this process."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

from domain.errors import Throttled
from domain.pacing import Pace

NEVER = float("-inf")

NEGLIGIBLE_S = 1e-6
"""What is left of a wait by rounding."""


class BudgetSpent(Throttled):
    """Our own pace leaves no turn in time. The provider itself has asked for nothing."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(wait)
        self.args = (f"our own pace leaves no turn for {wait.total_seconds():.3g} s",)


class Budget:
    """A token bucket with a line in front of it: first come, first served.

    Requests that may wait take a turn; bookings leave at once and are counted, so that the
    others wait for longer. What was counted beyond the burst is paid back before the next turn.

    Attributes:
        pace: may be changed at any time; the next turn follows it.
    """

    def __init__(
        self,
        pace: Pace | None = None,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.pace = pace or Pace()
        self._monotonic = monotonic
        self._sleep = sleep
        self._missing = 0.0
        self._counted_at = monotonic()
        self._last = NEVER
        self._quiet_until = NEVER
        self._under_way = 0
        self._in_line = 0
        self._line = asyncio.Lock()
        self._room = asyncio.Event()

    @asynccontextmanager
    async def turn(self, patience: timedelta) -> AsyncGenerator[None]:
        """Wait for a turn; the block is the request.

        Raises:
            Throttled: the provider asked for quiet, and it lasts longer than `patience`.
            BudgetSpent: no turn comes within `patience`. Both are raised at once where that is
                known at once.
        """
        give_up = self._monotonic() + patience.total_seconds()
        self._refuse_after(give_up, behind=self._in_line)
        self._in_line += 1
        try:
            async with asyncio.timeout(patience.total_seconds()), self._line:
                await self._first_in_line(give_up)
                self._begin()
        except TimeoutError:
            raise self._refusal(self._wait(behind=0)) from None
        finally:
            self._in_line -= 1
        try:
            yield
        finally:
            self._end()

    @asynccontextmanager
    async def at_once(self) -> AsyncGenerator[None]:
        """Count a request that waits for nobody; the block is the request."""
        self._begin()
        try:
            yield
        finally:
            self._end()

    def pause(self, wait: timedelta) -> None:
        """The provider asked for quiet: one turn when it is over, the others at the rate."""
        now, seconds = self._monotonic(), wait.total_seconds()
        self._quiet_until = max(self._quiet_until, now + seconds)
        emptied = self.pace.burst - 1 + seconds * self.pace.rate_per_second
        self._missing = max(self._missing_at(now), emptied)
        self._counted_at = now

    async def _first_in_line(self, give_up: float) -> None:
        while True:
            self._refuse_after(give_up, behind=0)
            wait = self._wait(behind=0)
            if wait > 0:
                await self._sleep(wait)
            elif self._under_way >= self.pace.concurrency:
                self._room.clear()
                await self._room.wait()
            else:
                return

    def _wait(self, *, behind: int) -> float:
        """Seconds until the turn of one with so many before it, if nothing else happens."""
        now = self._monotonic()
        short_of = self._missing_at(now) + behind + 1 - self.pace.burst
        spaced = self._last + (behind + 1) * self.pace.spacing.total_seconds()
        wait = max(short_of / self.pace.rate_per_second, spaced - now, self._quiet_until - now)
        return wait if wait > NEGLIGIBLE_S else 0.0

    def _missing_at(self, now: float) -> float:
        """What the bucket lacks; more than its size where bookings went beyond it."""
        refilled = (now - self._counted_at) * self.pace.rate_per_second
        return max(0.0, self._missing - refilled)

    def _refuse_after(self, give_up: float, *, behind: int) -> None:
        wait = self._wait(behind=behind)
        if self._monotonic() + wait > give_up:
            raise self._refusal(wait)

    def _refusal(self, wait: float) -> Throttled:
        quiet = self._quiet_until - self._monotonic()
        if quiet > 0:
            return Throttled(timedelta(seconds=quiet))
        return BudgetSpent(timedelta(seconds=wait))

    def _begin(self) -> None:
        now = self._monotonic()
        self._missing = self._missing_at(now) + 1
        self._counted_at = self._last = now
        self._under_way += 1

    def _end(self) -> None:
        self._under_way -= 1
        self._room.set()
