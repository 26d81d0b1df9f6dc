"""Registrations under way that nobody works on: started again, or told."""

from collections.abc import Awaitable, Callable
from enum import StrEnum
from uuid import UUID

from temporalio import activity

from activities.clock import Clock
from activities.failures import as_failure
from activities.heartbeat import UNHURRIED, heartbeating
from activities.lost_cancellations import LostCancellations
from activities.runs import Runs, RunState
from concurrency import of_each
from domain.alerts import AlertKind, alert_key
from domain.errors import OutsideError, WorkflowsUnreachable
from domain.findings import new_alert
from domain.identifiers import registration_workflow_id
from domain.registrations import Agreement
from domain.states import UNDER_WAY
from domain.sweeps import RunReport, RunSweep, RunToCheck
from gateways import Records

AT_ONCE = 5
"""Questions to Temporal under way at a time: this is never urgent enough to crowd it."""

StartRun = Callable[[Agreement], Awaitable[str | None]]
"""Starts the workflow of a confirmed registration as its confirm does, or reaches the one that
runs. None, or why Temporal would not start one, in a sentence.

Raises WorkflowsUnreachable.
"""


OFTEN = 3
"""A workflow that was lost so often is started again all the same, but its alert stays open."""


class _End(StrEnum):
    """How one question ended."""

    WELL = "well"
    STUCK = "stuck"
    STARTED = "started"
    REFUSED = "refused"
    UNANSWERED = "unanswered"


class RegistrationSweeps:
    """Asks after the workflows of registrations under way."""

    def __init__(self, records: Records, runs: Runs, start: StartRun, clock: Clock) -> None:
        self._records = records
        self._runs = runs
        self._start = start
        self._clock = clock
        self._lost = LostCancellations(records, runs, clock)

    @activity.defn(name="sweep_registrations")
    async def sweep_registrations(self, order: RunSweep) -> RunReport:
        """Ask after those whose turn it is. May be repeated: who has a run is left alone.

        And after cancellations that were asked for and have not come through.
        """
        try:
            with heartbeating(UNHURRIED):
                due = await self._records.runs_to_check(order)
                report = await self._check(due, order) if due else RunReport()
                begun = await self._lost.look(order)
                return report.model_copy(update={"cancellations": begun})
        except OutsideError as error:
            raise as_failure(error) from error

    async def _check(self, due: tuple[RunToCheck, ...], order: RunSweep) -> RunReport:
        states = await of_each(
            due, lambda run: self._runs.of_registration(run.registration_id), at_once=AT_ONCE
        )
        ends = [
            await self._settle(run, known, order) for run, known in zip(due, states, strict=True)
        ]
        checked = [
            run.registration_id
            for run, end in zip(due, ends, strict=True)
            if end is not _End.UNANSWERED
        ]
        await self._records.note_runs_checked(checked)
        return RunReport(
            checked=len(checked),
            started=ends.count(_End.STARTED),
            stuck=ends.count(_End.STUCK),
            refused=ends.count(_End.REFUSED),
        )

    async def _settle(self, run: RunToCheck, state: RunState, order: RunSweep) -> _End:
        if state is RunState.RUNNING:
            if run.alerted:
                await self._settled(run.registration_id)
            if not self._stuck(run, order):
                return _End.WELL
            await self._tell_stuck(run)
            return _End.STUCK
        # Its run may have ended, and the row with it, since the row was listed.
        agreement = await self._records.agreement(run.registration_id)
        if agreement.registration.status not in UNDER_WAY:
            return _End.WELL
        try:
            return await self._started(run, agreement, state)
        except WorkflowsUnreachable as silent:
            activity.logger.warning(
                "%s is started at the next sweep: %s", run.registration_id, silent
            )
            return _End.UNANSWERED

    def _stuck(self, run: RunToCheck, order: RunSweep) -> bool:
        return self._clock.now() > run.scheduled_time + order.stuck_after

    async def _started(self, run: RunToCheck, agreement: Agreement, state: RunState) -> _End:
        lost = "had ended" if state is RunState.ENDED else "was not there"
        often = f" It was lost {run.lost} times before: find out why." if run.lost else ""
        await self._tell(
            run,
            f"{run.code} is {run.status.value}, but its workflow {lost}. It is being started "
            f"again.{often} If this alert stays open, confirm the same words once more.",
        )
        refused = await self._start(agreement)
        if refused is None:
            if run.lost < OFTEN:
                await self._settled(run.registration_id)
            return _End.STARTED
        await self._tell(
            run,
            f"{run.code} is {run.status.value}, but its workflow {lost}, and none could be "
            f"started: {refused} Nothing will be booked for it. Was the database restored to an "
            "earlier time? Compare the row with the workflow's history "
            f"({registration_workflow_id(run.registration_id)}), and tell the parent.",
        )
        return _End.REFUSED

    async def _tell(self, run: RunToCheck, sentence: str) -> None:
        activity.logger.error("a registration under way has no workflow: %s", run.registration_id)
        await self._records.raise_alert(
            new_alert(AlertKind.RUN_MISSING, run.registration_id, sentence)
        )

    async def _settled(self, registration_id: UUID) -> None:
        await self._records.settle_alert(alert_key(AlertKind.RUN_MISSING, registration_id))

    async def _tell_stuck(self, run: RunToCheck) -> None:
        sentence = (
            f"{run.code} is still {run.status.value}, long after its opening, although its "
            "workflow runs. Look at the failure of its pending step: temporal workflow describe "
            f"--workflow-id {registration_workflow_id(run.registration_id)}. Then repair what it "
            "names."
        )
        await self._records.raise_alert(
            new_alert(AlertKind.RUN_MISSING, run.registration_id, sentence, matter="run_stuck")
        )
