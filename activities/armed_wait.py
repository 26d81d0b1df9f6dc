"""The wait for the instant, on a warm connection that is kept warm."""

import asyncio
from datetime import datetime, timedelta

from temporalio import activity

from activities.account_queue import AccountQueue
from activities.clock import Clock
from activities.lane_room import LaneRoom
from activities.patience import finished_within
from activities.stop import Stop
from activities.warm_lane import WarmLane
from domain.contracts import BookOrder
from domain.errors import RecordsError, Throttled
from domain.identifiers import share
from gateways import BookingProvider

OPENED_BEFORE = timedelta(seconds=4)
"""Below the 5 s after which many servers drop an idle connection; enough for a slow TLS."""

MENDED_BEFORE = (timedelta(seconds=2), timedelta(seconds=1), timedelta(milliseconds=400))
"""When a connection that the provider dropped is replaced."""

SHORTEST_WARM_UP = timedelta(milliseconds=150)
"""With less time than this before the instant no lane is opened."""

LANE_MARGIN = timedelta(milliseconds=30)
"""A lane not open by this long before the instant is given up."""

PROBES_END_BEFORE = timedelta(milliseconds=5_500)
"""The provider's clock is asked until then: a probe lasts up to a second, and what it spends of
the account's budget must be back at the instant."""

MOST_PROBES = 6

PAUSE_READ_BEFORE = timedelta(milliseconds=200)
LONGEST_ASKED = timedelta(seconds=2)
"""What helps, and is not needed, is waited for no longer."""

PAUSE_READ_MARGIN = timedelta(milliseconds=20)
"""An answer that has not come by then is not waited for."""

QUIET_AROUND = timedelta(seconds=1)
"""No garbage is collected from the opening of the lane to this long after the instant."""


class ArmedWait:
    """Everything between the marker and the send.

    Attributes:
        armed_late: there was no time left to open a connection.
        clock_wait: how long it waited past the send time for a provider's clock that is behind.
        gives_up_at: no attempt waits past it: whoever comes next believes it at work until then.
    """

    def __init__(
        self,
        *,
        order: BookOrder,
        lane: WarmLane,
        room: LaneRoom,
        account: AccountQueue,
        provider: BookingProvider,
        clock: Clock,
        stop: Stop,
        opening: datetime,
    ) -> None:
        self._order = order
        self._lane = lane
        self._room = room
        self._account = account
        self._provider = provider
        self._clock = clock
        self._stop = stop
        self._opening = opening
        self.armed_late = False
        self.clock_wait = timedelta()
        self.gives_up_at = max(order.send_at, clock.now()) + order.timing.opening_grace

    async def done(self) -> None:
        """Wait until nothing is left but the instant: `clock_wait` after its time it is sent.

        Raises:
            Stopped: it was asked for meanwhile.
            Throttled: the account is paused for longer than the opening's grace from now.
        """
        late = self._left <= SHORTEST_WARM_UP
        if late or self._order.rank > self._account.pace.burst:
            await self._look_for_pause()
        self._expect_in_time()
        self.armed_late = self._left <= SHORTEST_WARM_UP
        if self.armed_late:
            activity.logger.warning("armed late: the booking goes without a lane")
            self._room.counts.armed_late()
        else:
            await self._warm_up()
        self.clock_wait = self._provider.clock().surely_behind

    @property
    def _due(self) -> datetime:
        return self._account.put_off(self._order, self._opening)

    @property
    def _left(self) -> timedelta:
        return self._due - self._clock.now()

    def _expect_in_time(self) -> None:
        # A pause may have grown since, and whoever comes next counts on it.
        if self._due > self.gives_up_at:
            raise Throttled(max(self._left, timedelta()))

    async def _until(self, instant: datetime) -> None:
        self._expect_in_time()
        await self._room.gun.until(instant, self._clock, self._stop)

    async def _warm_up(self) -> None:
        stagger = self._room.stagger(share(self._order.registration_id, "connection"))
        open_before = OPENED_BEFORE + stagger
        await self._learn_clock(open_before)
        await self._until(self._due - open_before)
        await self._lane.open(self._time_for_lane, warm=self._may_ask)
        self._room.garbage.hold((self._left + QUIET_AROUND).total_seconds())
        for before in MENDED_BEFORE:
            if self._left > before:
                await self._until(self._due - before)
                await self._lane.mend(self._time_for_lane)
        if self._order.rank > self._account.pace.burst and self._left > PAUSE_READ_BEFORE:
            await self._until(self._due - PAUSE_READ_BEFORE)
            await self._look_for_pause()

    @property
    def _time_for_lane(self) -> timedelta:
        return max(self._left - LANE_MARGIN, timedelta())

    @property
    def _may_ask(self) -> bool:
        """Whether a harmless request leaves the account's budget full at the opening."""
        if self._order.rank > self._account.pace.burst:
            return False
        return self._opening - self._clock.now() > self._account.pace.refill

    async def _learn_clock(self, open_before: timedelta) -> None:
        """Ask for the provider's clock, where nobody else does and there is time."""
        last = max(open_before, PROBES_END_BEFORE)
        for _ in range(MOST_PROBES):
            if self._left < last or self._stop.asked:
                return
            room = min(self._left - open_before, LONGEST_ASKED)
            if not await finished_within(room, self._provider.probe_clock()):
                return

    async def _look_for_pause(self) -> None:
        room = min(max(self._left, PAUSE_READ_BEFORE) - PAUSE_READ_MARGIN, LONGEST_ASKED)
        try:
            async with asyncio.timeout(room.total_seconds()):
                await self._account.look_for_pause(self._clock.now())
        except (RecordsError, TimeoutError) as error:
            # What is known here still holds; not to know more is no reason to miss the instant.
            activity.logger.warning("the account's pause could not be read: %r", error)
