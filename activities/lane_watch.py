"""Noticing that a lanes process died: by its lease, not by each lane's heartbeat.

A heartbeat is a write at Temporal's server for every lane. The lease is two calls a second for all
the lanes of a process, and it tells the same. So whoever claims a registration watches the leases
until it is sent, and tells Temporal of each attempt whose process is gone; Temporal then hands it
to another process at once.
"""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog

from activities.armed_activities import ArmedActivities
from activities.clock import Clock
from activities.silent_lanes import SilentLanes
from concurrency import of_each
from domain.attempts import Orphan
from domain.errors import OutsideError
from gateways import Records

log = structlog.stdlib.get_logger(__name__)

EVERY = timedelta(milliseconds=500)
"""A look is one short call of the process; who died is late by half of this on average."""

BEYOND = timedelta(seconds=15)
"""So long after the last send time it is watched on: room enough to look three times for who is
silent."""

REPORTED_AT_ONCE = 20
"""A process dies with hundreds of lanes, and each is late until Temporal knows. One after the
other, the last one's report waits for all that the first ones do as they are armed again."""


class LaneWatch:
    """Watches while something claimed here is to be sent, and asks nothing otherwise."""

    def __init__(self, records: Records, activities: ArmedActivities, clock: Clock) -> None:
        self._records = records
        self._activities = activities
        self._silent = SilentLanes(records, activities)
        self._clock = clock
        self._until: datetime | None = None
        self._reported: set[tuple[UUID, int]] = set()
        self._watching: asyncio.Task[None] | None = None
        self._listening: asyncio.Task[None] | None = None

    def until(self, instant: datetime) -> None:
        """Watch until a little past that instant."""
        until = instant + BEYOND - self._clock.ahead_of_host()
        self._until = until if self._until is None else max(self._until, until)
        if self._watching is None:
            self._watching = asyncio.create_task(self._watch())
            self._watching.add_done_callback(self._ended)

    async def look(self) -> None:
        """Report everyone who is gone, each attempt once.

        Raises:
            RecordsError, WorkflowsUnreachable: the database, or Temporal, did not answer.
        """
        gone = [one for one in await self._records.orphans() if _attempt(one) not in self._reported]
        await of_each(gone, self._report, at_once=REPORTED_AT_ONCE)

    async def aclose(self) -> None:
        """Watch no more."""
        for task in (self._watching, self._listening):
            if task is not None:
                task.cancel()
                await asyncio.wait([task])

    async def _report(self, orphan: Orphan) -> None:
        log.warning("lane_orphaned", registration_id=orphan.registration_id)
        await self._activities.report_death(orphan.registration_id, orphan.armed_by)
        self._reported.add(_attempt(orphan))

    async def _watch(self) -> None:
        while self._until is not None and datetime.now(UTC) < self._until:
            try:
                await self.look()
            except OutsideError as error:
                log.warning("leases_not_read", error=type(error).__name__)
            self._listen()
            await asyncio.sleep(EVERY.total_seconds())
        self._until = None
        self._reported.clear()

    def _listen(self) -> None:
        # Beside the watch: many questions to Temporal must not keep it from the leases.
        if self._listening is None or self._listening.done():
            self._listening = asyncio.create_task(self._hear())

    async def _hear(self) -> None:
        try:
            await self._silent.look()
        except OutsideError as error:
            log.warning("silence_not_heard", error=type(error).__name__)

    def _ended(self, watching: asyncio.Task[None]) -> None:
        self._watching = None
        if not watching.cancelled() and watching.exception() is not None:
            log.error("lane_watch_failed", exc_info=watching.exception())


def _attempt(orphan: Orphan) -> tuple[UUID, int]:
    return orphan.registration_id, orphan.fence
