"""Whether each registration that opens soon has a run that waits for its opening."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from concurrency import of_each
from console.runs import Fit, OpenRun, Runs
from domain.registrations import Registration

SAME = timedelta(seconds=1)
"""Temporal's index keeps instants less exactly than we do."""


async def fits(
    runs: Runs, rows: Sequence[Registration], since: datetime, until: datetime
) -> Mapping[UUID, Fit]:
    """How each row's run stands to it: one list for all, and a question about each that differs.

    Raises:
        WorkflowsUnreachable: Temporal did not answer.
    """
    listed = {run.registration_id: run for run in await runs.opening_between(since, until)}
    doubtful = [row for row in rows if _fit(listed.get(row.id), row) is not Fit.FITS]
    asked = await of_each(doubtful, lambda row: runs.of(row.id))
    known = {row.id: _fit(run, row) for row, run in zip(doubtful, asked, strict=True)}
    return {row.id: known.get(row.id, Fit.FITS) for row in rows}


def _fit(run: OpenRun | None, row: Registration) -> Fit:
    if run is None:
        return Fit.MISSING
    if run.sleeps_until is None or abs(run.sleeps_until - row.scheduled_time) > SAME:
        return Fit.APART
    return Fit.FITS
