"""Runs that are missing, or apart from their rows, brought to where the rows stand."""

import asyncio
from datetime import timedelta

from concurrency import of_each
from console.runs import Fit, Runs
from console.unexplained import confirm_lost, run_without_row
from domain.alerts import NewAlert
from domain.errors import RecordMissing
from domain.frozen import Frozen
from domain.identifiers import registration_workflow_id
from domain.registrations import Registration
from domain.states import UNDER_WAY
from front_door.changes import Changes
from gateways import Records

EVERY_ROW = 2**31 - 1
ASKED_AGAIN = 2
BEFORE_ASKING_AGAIN = timedelta(milliseconds=500)


class Mended(Frozen):
    """What became of the runs."""

    started: tuple[str, ...]
    replaced: tuple[str, ...]
    alerts: tuple[NewAlert, ...]


class RunMending:
    """Ends runs that do not fit their rows, and starts them anew as the front door does.

    A new run goes on from where its row stands, and its steps keep their operation keys.
    """

    def __init__(self, records: Records, changes: Changes, runs: Runs, *, dry_run: bool) -> None:
        self._records = records
        self._changes = changes
        self._runs = runs
        self._dry_run = dry_run

    async def done(self) -> Mended:
        """Look at every run and row that should fit, and mend what does not.

        Raises:
            WorkflowsUnreachable: Temporal, or every worker, was silent; it may be repeated.
        """
        rows = {row.id: row for row in await under_way(self._records)}
        alerts: list[NewAlert] = []
        for run in await self._runs.open():
            if run.registration_id is None or run.registration_id in rows:
                continue
            try:
                row = await self._records.registration(run.registration_id)
            except RecordMissing:
                alerts.append(run_without_row(run.registration_id))
                await self._end(run.workflow_id)
            else:
                rows[row.id] = row
        fits = await of_each(rows.values(), self._fit)
        drafts = [row for row, fit in fits if row.confirmed_at is None and fit is Fit.APART]
        for row in drafts:
            alerts.append(confirm_lost(row))
            await self._end(registration_workflow_id(row.id))
        if not self._dry_run:
            await of_each(alerts, self._records.raise_alert)
        apart = [(row, fit) for row, fit in fits if row.confirmed_at and fit is not Fit.FITS]
        await of_each(apart, self._start_anew)
        return Mended(
            started=tuple(row.code for row, fit in apart if fit is Fit.MISSING),
            replaced=tuple(row.code for row, fit in apart if fit is Fit.APART),
            alerts=tuple(alerts),
        )

    async def _fit(self, row: Registration) -> tuple[Registration, Fit]:
        """Asked again where they differ: a transition under way looks just like that."""
        fit = await self._runs.fit(row)
        for _ in range(ASKED_AGAIN):
            if fit is Fit.FITS:
                break
            await asyncio.sleep(BEFORE_ASKING_AGAIN.total_seconds())
            row = await self._records.registration(row.id)
            fit = await self._runs.fit(row)
        if fit is Fit.MISSING and row.status not in UNDER_WAY:
            return row, Fit.FITS  # it has ended, and its run with it
        return row, fit

    async def _start_anew(self, apart: tuple[Registration, Fit]) -> None:
        row, fit = apart
        if self._dry_run:
            return
        if fit is Fit.APART:
            await self._end(registration_workflow_id(row.id))
        await self._changes.start_again(row.id)

    async def _end(self, workflow_id: str) -> None:
        if not self._dry_run:
            await self._runs.end(workflow_id, "apart from its row after a restore")


async def under_way(records: Records) -> list[Registration]:
    """Every registration that is pending or executing."""
    return [
        row
        for status in UNDER_WAY
        for row in await records.all_registrations(EVERY_ROW, status.value)
    ]
