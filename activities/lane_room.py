"""What the armed bookings of one process share."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID

from temporalio import activity
from temporalio.common import MetricMeter

from activities.account_queue import AccountQueue
from activities.booking_counts import BookingCounts
from activities.hush import Hush
from activities.known_pauses import KnownPauses
from activities.lease import Lease, boot_time
from activities.other_clocks import OtherClock
from activities.quiet_gc import QuietGarbage
from activities.starting_gun import StartingGun
from activities.stop import Stop
from activities.turnstile import Turnstile
from domain.clocks import ClockReading, Clocks
from domain.errors import Unavailable
from domain.pacing import Pace
from domain.registrations import Agreement
from gateways import Records

OPENED_PER_SECOND = 200
"""Connections that one process opens in a second, TLS included, on half a modest core."""

LONGEST_STAGGER = timedelta(seconds=6)

ANSWERS = Pace(rate_per_second=20, burst=100, spacing=timedelta(milliseconds=20))
"""Hundreds of bookings are answered within a tenth of a second, and each answer is the start of
some ten writes at Temporal's server. All at once they time out there, one over the other, and
are done several times over. Measured with 500: let go at about the pace at which two cores
finish them, all is done a third sooner. A hundred are no wave yet."""

ENDS_WITHIN = timedelta(seconds=20)
"""How long an earlier attempt of the same registration may take to end when asked to."""

STILL_SENT = timedelta(seconds=10)
"""A worker that is told to stop sends what is due within this long itself. Another would have to
arm it anew, which for two hundred takes as long; and half of what a stop may last is left for the
answer. What is due later is released at once, and taken over in time."""

SENT_BY = timedelta(seconds=1)
"""What was not sent so long past its time, or is to be sent again, is another worker's."""


class _Lane:
    def __init__(self, stop: Stop) -> None:
        self.stop = stop
        self.left = asyncio.Event()


class LaneRoom:
    """One per lanes process: the gun, the lease, the accounts, and who is inside.

    Attributes:
        gun: the shared wait for an instant.
        lease: without a fresh one nothing is sent.
        garbage: collection, off while lanes are about to fire.
        temporal_clock: how the server's clock stands to ours.
        counts: of what happens here.
    """

    def __init__(
        self,
        records: Records,
        *,
        since_boot: Callable[[], float] = boot_time,
        meter: MetricMeter = MetricMeter.noop,
    ) -> None:
        self.gun = StartingGun()
        self.lease = Lease(records, self.release, now=since_boot)
        self.garbage = QuietGarbage()
        self.temporal_clock = OtherClock()
        self.counts = BookingCounts(meter)
        self._hush = Hush(self.gun)
        self._answers = Turnstile(ANSWERS)
        self._pauses = KnownPauses(records)
        self._accounts: dict[tuple[str, str], AccountQueue] = {}
        self._lanes: dict[UUID, _Lane] = {}

    @asynccontextmanager
    async def entered(
        self, registration_id: UUID, stop: Stop, left: Callable[[], timedelta]
    ) -> AsyncGenerator[None]:
        """Hold a lane: the lease is fresh, and no other attempt of it is alive in this process.

        Args:
            registration_id: whose.
            stop: asked once nothing further may be sent here.
            left: how long it is to the send, whenever it is asked.

        Raises:
            Unavailable: an earlier attempt here did not end in time.
            RecordsUnavailable: the database gave no lease.
        """
        await self._alone(registration_id)
        lane = self._lanes[registration_id] = _Lane(stop)
        self.counts.lanes(len(self._lanes))
        if left() <= timedelta():
            self._hush.overdue(registration_id)
        shutdown = asyncio.create_task(self._stop_with_worker(stop, left))
        try:
            async with self.lease.held():
                yield
        finally:
            shutdown.cancel()
            del self._lanes[registration_id]
            self._hush.settled(registration_id)
            self.counts.lanes(len(self._lanes))
            lane.left.set()

    def release(self, registration_id: UUID) -> None:
        """Somebody wants it back before it is sent."""
        lane = self._lanes.get(registration_id)
        if lane is not None:
            lane.stop.ask(release=True)

    def account(self, agreement: Agreement) -> AccountQueue:
        """The account's queue in this process, at the pace that its row says now."""
        key = (agreement.account.provider, agreement.account.org_ref)
        if key not in self._accounts:
            self._accounts[key] = AccountQueue(agreement, self._pauses, lambda: self.lease.holders)
        self._accounts[key].pace = agreement.account.pace
        return self._accounts[key]

    async def may_answer(self, registration_id: UUID, stop: Stop) -> None:
        """Wait for one's turn to give the result back to Temporal, which makes work for everybody:
        after what is sent meanwhile, and not all at once.
        """
        self._hush.settled(registration_id)
        await self._hush.over(stop)
        await self._answers.through(stop)

    def clocks(self, provider: ClockReading) -> Clocks:
        """How everybody's clock stands to ours, the provider's being known already."""
        return Clocks(
            provider=provider,
            records=self.lease.database_clock.reading,
            temporal=self.temporal_clock.reading,
        )

    def stagger(self, share: float) -> timedelta:
        """How much earlier one of the many opens its connection; `share` from 0 to 1."""
        needed = timedelta(seconds=len(self._lanes) / OPENED_PER_SECOND)
        return share * min(needed, LONGEST_STAGGER)

    async def aclose(self) -> None:
        """Give the lease back, and let garbage be collected."""
        self.garbage.release()
        await self.lease.aclose()

    async def _alone(self, registration_id: UUID) -> None:
        # Temporal may take an attempt for dead that only missed a heartbeat.
        # Of several that wait for one, only the first to wake finds the lane free.
        try:
            async with asyncio.timeout(ENDS_WITHIN.total_seconds()):
                while (earlier := self._lanes.get(registration_id)) is not None:
                    earlier.stop.ask()
                    await earlier.left.wait()
        except TimeoutError:
            raise Unavailable("an earlier attempt is still at work in this process") from None

    @staticmethod
    async def _stop_with_worker(stop: Stop, left: Callable[[], timedelta]) -> None:
        await activity.wait_for_worker_shutdown()
        if timedelta() < left() <= STILL_SENT:
            await asyncio.sleep((left() + SENT_BY).total_seconds())
        stop.ask()
