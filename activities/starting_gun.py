"""The wait for an instant, shared by everything that waits in one process.

One timer for all: of a thousand bookings that share an instant each would otherwise wake the
process several times in the last second before it.
"""

import asyncio
import heapq
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count

from activities.clock import Clock
from activities.stop import Stop

SHORT_HOP_S = 0.02
HOP_SHARE = 0.95

Pull = Callable[[], None]
"""Something quick: it holds up all that are due at the same instant."""


class StartingGun:
    """Wakes whoever waits when the wall clock shows their instant: never before it, in order.

    In shrinking hops: Linux may end a wait 0.1 % late, so one sleep of a minute comes back tens
    of milliseconds after it should. The last hop is short, and so is its error. A wall clock
    that is set anew meanwhile is followed from the next hop on.
    """

    def __init__(self) -> None:
        self._waiting: list[tuple[datetime, int, asyncio.Future[None], Pull | None]] = []
        self._arrivals = count()
        self._timer: asyncio.TimerHandle | None = None

    async def until(
        self, instant: datetime, clock: Clock, stop: Stop, pull: Pull | None = None
    ) -> None:
        """Wait until the clock shows `instant`.

        Args:
            instant: when.
            clock: whose.
            stop: ends the wait.
            pull: called at the instant, before anybody who waits wakes: of hundreds that are due
                at once each would else come after all that the others do when they wake. What it
                raises ends the wait.

        Raises:
            Stopped: it was asked for meanwhile, or before.
        """
        due = instant - clock.ahead_of_host()
        stop.check()
        if due <= datetime.now(UTC):
            if pull is not None:
                pull()
            return
        shot: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (due, next(self._arrivals), shot, pull))
        if self._waiting[0][2] is shot:
            self._set_timer()
        with stop.interrupting(shot):
            await shot

    @property
    def next_pull(self) -> datetime | None:
        """When the next of those with something to pull is due, by the host's clock."""
        return min(
            (due for due, _, shot, pull in self._waiting if pull is not None and not shot.done()),
            default=None,
        )

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while self._waiting and self._waiting[0][2].done():
            heapq.heappop(self._waiting)
        if not self._waiting:
            return
        left = (self._waiting[0][0] - datetime.now(UTC)).total_seconds()
        hop = left if left < SHORT_HOP_S else left * HOP_SHARE
        self._timer = asyncio.get_running_loop().call_later(max(hop, 0), self._tick)

    def _tick(self) -> None:
        now = datetime.now(UTC)
        while self._waiting and self._waiting[0][0] <= now:
            _, _, shot, pull = heapq.heappop(self._waiting)
            if not shot.done():
                pulled(shot, pull)
        self._timer = None
        self._set_timer()


def pulled(shot: asyncio.Future[None], pull: Pull | None) -> None:
    """Wake whoever waits for that shot, once it is pulled."""
    try:
        if pull is not None:
            pull()
    except Exception as error:  # noqa: BLE001 - it belongs to whoever waits, and the others wait on
        shot.set_exception(error)
    else:
        shot.set_result(None)
