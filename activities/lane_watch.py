"""Noticing that a lanes process died: by its lease, not by each lane's heartbeat.

A heartbeat is a write at Temporal's server for every lane. The lease is one call a second for all
the lanes of a process, and it tells the same. So whoever claims a registration watches the leases
until it is sent, and tells Temporal of each attempt whose process is gone; Temporal then hands it
to another process at once.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog
from temporalio.client import Client
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from activities.clock import Clock
from domain.attempts import Orphan
from domain.errors import OutsideError, WorkflowsUnreachable
from domain.identifiers import registration_workflow_id
from gateways import Records

log = structlog.stdlib.get_logger(__name__)

EVERY = timedelta(seconds=1)

BEYOND = timedelta(seconds=10)
"""So long after the last send time it is watched on; and so long after a start, because what
was armed by a process of this host that died is then taken over by its successor."""

TAKEN_OVER_AFTER = timedelta(milliseconds=100)

ReportDeath = Callable[[Orphan], Awaitable[None]]
"""Tells Temporal that the attempt failed. An attempt that ended meanwhile is no error.

Raises WorkflowsUnreachable where Temporal did not answer.
"""


def deaths_reported_to(client: Client) -> ReportDeath:
    """The report, over that client."""

    async def report(orphan: Orphan) -> None:
        handle = client.get_async_activity_handle(
            workflow_id=registration_workflow_id(orphan.registration_id),
            run_id=orphan.armed_by.run_id,
            activity_id=orphan.armed_by.activity_id,
        )
        died = ApplicationError(
            "the process that armed it died", type="LaneDied", next_retry_delay=TAKEN_OVER_AFTER
        )
        try:
            await handle.fail(died)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                said = f"Temporal did not answer ({error.status.name})"
                raise WorkflowsUnreachable(said) from error

    return report


class LaneWatch:
    """Watches while something claimed here is to be sent, and asks nothing otherwise."""

    def __init__(self, records: Records, report_death: ReportDeath, clock: Clock) -> None:
        self._records = records
        self._report_death = report_death
        self._clock = clock
        self._until: datetime | None = None
        self._reported: set[tuple[UUID, int]] = set()
        self._watching: asyncio.Task[None] | None = None

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
        for orphan in await self._records.orphans():
            attempt = (orphan.registration_id, orphan.fence)
            if attempt in self._reported:
                continue
            log.warning("lane_orphaned", registration_id=str(orphan.registration_id))
            await self._report_death(orphan)
            self._reported.add(attempt)

    async def aclose(self) -> None:
        """Watch no more."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.wait([self._watching])

    async def _watch(self) -> None:
        while self._until is not None and datetime.now(UTC) < self._until:
            try:
                await self.look()
            except OutsideError as error:
                log.warning("leases_not_read", error=type(error).__name__)
            await asyncio.sleep(EVERY.total_seconds())
        self._until = None
        self._reported.clear()

    def _ended(self, watching: asyncio.Task[None]) -> None:
        self._watching = None
        if not watching.cancelled() and watching.exception() is not None:
            log.error("lane_watch_failed", exc_info=watching.exception())
