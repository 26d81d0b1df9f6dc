"""Replaying the histories that live runs have by now, under this release's code."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from temporalio.client import Client, WorkflowExecution, WorkflowHistory
from temporalio.service import RPCError, RPCStatusCode
from temporalio.workflow import NondeterminismError

from domain.errors import OutsideError, WorkflowsUnreachable
from domain.frozen import Frozen
from workflows.registered import NAMES
from workflows.replaying import replayer

LATELY = timedelta(days=1)
"""Runs that closed no longer ago are replayed too: one that begins now may go the same way."""

ANSWER_WITHIN = timedelta(seconds=30)

LONGEST_REASON = 300
"""Characters."""

TOLD_EVERY = 100
"""Runs, between two words of progress."""


class QueryRefused(OutsideError):
    """The query for runs is malformed."""


class BrokenRun(Frozen):
    """One run that this code cannot go on with."""

    workflow_id: str
    run_id: str
    workflow: str
    reason: str
    """Names of steps, or the type of an error: never what a payload holds."""


class Replayed(Frozen):
    """What came of it."""

    replayed: int
    broken: tuple[BrokenRun, ...] = ()
    left: int = 0
    """Runs beyond the limit, about."""


def usual_query(now: datetime) -> str:
    """The visibility query for every run of ours that is open or closed lately."""
    names = ", ".join(f"'{name}'" for name in sorted(NAMES))
    since = (now - LATELY).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return f"WorkflowType IN ({names}) AND (ExecutionStatus = 'Running' OR CloseTime > '{since}')"


@dataclass
class LiveReplay:
    """Replays one history after the other; at any time one is held, however many there are.

    Attributes of construction:
        client: of the namespace, with the converter that its payloads need.
        query: which runs, as Temporal's visibility takes it.
        limit: of runs.
        told: hears, now and then, how many are done and how many of them are broken.
    """

    client: Client
    query: str
    limit: int
    told: Callable[[int, int], None]
    _run: WorkflowExecution | None = None
    """Whose history was handed out last."""

    async def run(self) -> Replayed:
        """All of them.

        Raises:
            QueryRefused: Temporal does not understand the query.
            WorkflowsUnreachable: Temporal refused or did not answer.
        """
        try:
            listed = (await self.client.count_workflows(self.query)).count
            broken, replayed = await self._replay()
        except RPCError as refused:
            if refused.status is RPCStatusCode.INVALID_ARGUMENT:
                raise QueryRefused(
                    f"Temporal does not understand the query: {refused.message}"
                ) from refused
            raise WorkflowsUnreachable(
                f"Temporal did not list the runs or give their histories ({refused.status.name}). "
                "The same command may be repeated."
            ) from refused
        return Replayed(replayed=replayed, broken=tuple(broken), left=max(0, listed - self.limit))

    async def _replay(self) -> tuple[list[BrokenRun], int]:
        broken: list[BrokenRun] = []
        replayed = 0
        config = self.client.service_client.config
        judge = replayer(self.client.data_converter, runtime=config.runtime)
        async with (
            aclosing(self._histories()) as histories,
            judge.workflow_replay_iterator(histories) as results,
        ):
            async for result in results:
                replayed += 1
                if result.replay_failure is not None and self._run is not None:
                    broken.append(_broken(self._run, result.replay_failure))
                if replayed % TOLD_EVERY == 0:
                    self.told(replayed, len(broken))
        return broken, replayed

    async def _histories(self) -> AsyncGenerator[WorkflowHistory]:
        async for run in self.client.list_workflows(self.query, limit=self.limit):
            handle = self.client.get_workflow_handle(run.id, run_id=run.run_id)
            try:
                history = await handle.fetch_history(rpc_timeout=ANSWER_WITHIN)
            except RPCError as refused:
                if refused.status is RPCStatusCode.NOT_FOUND:
                    continue  # its retention has ended meanwhile
                raise
            self._run = run
            yield history


def _broken(run: WorkflowExecution, failure: Exception) -> BrokenRun:
    return BrokenRun(
        workflow_id=run.id,
        run_id=run.run_id,
        workflow=run.workflow_type,
        reason=_reason(run, failure),
    )


def _reason(run: WorkflowExecution, failure: Exception) -> str:
    if run.workflow_type not in NAMES:
        return f"this release has no workflow named {run.workflow_type}"
    if isinstance(failure, NondeterminismError):
        return str(failure)[:LONGEST_REASON]
    # Any other may quote what it met.
    return "its code or the opening of its payloads fails; the log says where"
