"""The proof that this process lives: without a fresh one, nothing armed here is sent.

A process that was paused, or cut off from the database, may be taken for dead while it is not.
Whoever takes over judges by the lease's row whether it can have sent; so it must not send once
its lease has lapsed, by its own count, which begins before the renewal was asked for.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import structlog

from activities.other_clocks import OtherClock
from domain.attempts import LEASE_TTL
from domain.errors import OutsideError, RecordsUnavailable
from gateways import Records

log = structlog.stdlib.get_logger(__name__)

EVERY = timedelta(milliseconds=500)
"""Three renewals within a lease's life, so that one slow answer does not end it."""

AGAIN_AFTER = timedelta(milliseconds=100)
"""After a renewal that failed."""

LINGERS = timedelta(seconds=2)
"""An idle process keeps it for so long: the next booking is often just behind the last."""

NEVER = float("-inf")

FIRST_WITHIN = timedelta(seconds=5)


def boot_time() -> float:
    """Seconds that also pass while the machine sleeps, where the system can tell."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class Lease:
    """Renewed while anything is armed in this process, and only then.

    Attributes:
        id: names this process in its markers.
        holders: how many processes hold a lease: they share each account's concurrency.
    """

    def __init__(
        self,
        records: Records,
        released: Callable[[UUID], None],
        *,
        now: Callable[[], float] = boot_time,
    ) -> None:
        self.id = uuid4()
        self.holders = 1
        self.database_clock = OtherClock()
        self._records = records
        self._released = released
        self._now = now
        self._fresh_until = NEVER
        self._users = 0
        self._renewing: asyncio.Task[None] | None = None
        self._ending: asyncio.TimerHandle | None = None
        self._farewells: set[asyncio.Task[None]] = set()
        self._renewed = asyncio.Condition()

    @property
    def fresh(self) -> bool:
        """Whether this process may send now."""
        return self._now() < self._fresh_until

    @asynccontextmanager
    async def held(self) -> AsyncGenerator[None]:
        """Within the block the lease is renewed; it is fresh at its start.

        Raises:
            RecordsUnavailable: the database gave no lease in time.
        """
        self._users += 1
        if self._ending is not None:
            self._ending.cancel()
            self._ending = None
        if self._renewing is None or self._renewing.done():
            self._renewing = asyncio.create_task(self._renew())
        try:
            await self.until_fresh()
            yield
        finally:
            self._users -= 1
            if not self._users:
                loop = asyncio.get_running_loop()
                self._ending = loop.call_later(LINGERS.total_seconds(), self._end)

    async def until_fresh(self) -> None:
        """Wait for a renewal where the last one is too old.

        Raises:
            RecordsUnavailable: there was none in time.
        """
        if self.fresh:
            return
        try:
            async with asyncio.timeout(FIRST_WITHIN.total_seconds()), self._renewed:
                await self._renewed.wait_for(lambda: self.fresh)
        except TimeoutError:
            raise RecordsUnavailable("the database renews no lease") from None

    async def aclose(self) -> None:
        """Let it lapse at once."""
        if self._ending is not None:
            self._ending.cancel()
        self._end()
        if self._farewells:
            await asyncio.wait(self._farewells)

    def _end(self) -> None:
        self._ending = None
        if self._users or self._renewing is None:
            return
        self._renewing.cancel()
        self._renewing = None
        self._fresh_until = NEVER  # given back, not lapsed
        farewell = asyncio.create_task(self._say_farewell())
        self._farewells.add(farewell)
        farewell.add_done_callback(self._farewells.discard)

    async def _say_farewell(self) -> None:
        # It would lapse by itself; said, nobody waits for that.
        with suppress(OutsideError):
            await self._records.end_lease(self.id)

    async def _renew(self) -> None:
        while True:
            began = self._now()
            try:
                await self._renew_once(began)
            except OutsideError as error:
                log.warning("lease_not_renewed", error=type(error).__name__)
                await asyncio.sleep(AGAIN_AFTER.total_seconds())
            except Exception:
                # Whatever it was: without the next renewal nothing armed here would be sent.
                log.exception("lease_not_renewed")
                await asyncio.sleep(AGAIN_AFTER.total_seconds())
            else:
                left = EVERY.total_seconds() - (self._now() - began)
                await asyncio.sleep(max(left, 0))

    async def _renew_once(self, began: float) -> None:
        asked_at = datetime.now(UTC)
        renewal = await self._records.renew_lease(self.id, LEASE_TTL)
        self.database_clock.between(asked_at, renewal.now, datetime.now(UTC))
        # Before it counts as fresh again: others may have taken over while it had lapsed. A
        # successor's marker and this renewal wait for each other at the lease's row, so what is
        # not named here nobody has judged, and it stands.
        for registration_id in renewal.release_asked:
            self._released(registration_id)
        if self._fresh_until != NEVER and not self.fresh:
            log.warning("lease_lapsed")
        self._fresh_until = began + LEASE_TTL.total_seconds()
        self.holders = max(renewal.holders, 1)
        async with self._renewed:
            self._renewed.notify_all()
