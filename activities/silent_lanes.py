"""Noticing that a lanes process died before its marker was written.

From being handed a booking to its marker takes milliseconds, and what dies in them leaves no lease
that would tell of it. So whatever was claimed and stays without a marker is asked for at Temporal:
where it names the same attempt twice, a good while apart, that attempt's process is gone. If it
was only slow after all, two attempts are at work, which markers and leases are there for.
"""

import time
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import structlog

from activities.armed_activities import ArmedActivities, HandedOut
from concurrency import of_each
from gateways import Records

log = structlog.stdlib.get_logger(__name__)

SILENT_FOR = timedelta(seconds=3)
"""So long without a marker is looked into, and so long again is given up."""

MOST_OF_THEM = 20
"""Where many wait for a process to take them, Temporal is not asked for all of them at a look."""

ASKED_AT_ONCE = 5


class SilentLanes:
    """Looks for them, as often as it is told to but not more often than there can be news."""

    def __init__(
        self,
        records: Records,
        activities: ArmedActivities,
        *,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._records = records
        self._activities = activities
        self._now = now
        self._next = float("-inf")
        self._seen: dict[UUID, HandedOut] = {}

    async def look(self) -> None:
        """Report each that was silent at the last look already.

        Raises:
            RecordsError, WorkflowsUnreachable: the database, or Temporal, did not answer.
        """
        if self._now() < self._next:
            return
        self._next = self._now() + SILENT_FOR.total_seconds()
        seen, self._seen = self._seen, {}

        async def ask_after(registration_id: UUID) -> None:
            handed = await self._activities.handed_out(registration_id)
            if handed is None:
                return
            if seen.get(registration_id) != handed:
                self._seen[registration_id] = handed
                return
            log.warning("lane_silent", registration_id=registration_id)
            await self._activities.report_death(registration_id, handed.armed_by)

        silent = await self._records.unmarked(SILENT_FOR, MOST_OF_THEM)
        await of_each(silent, ask_after, at_once=ASKED_AT_ONCE)
