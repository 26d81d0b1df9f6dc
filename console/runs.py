"""The runs of registrations at Temporal, beside the rows they belong to."""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from temporalio.client import (
    Client,
    WorkflowExecution,
    WorkflowExecutionStatus,
    WorkflowQueryFailedError,
)
from temporalio.service import RPCError, RPCStatusCode

from domain.contracts import Standing
from domain.errors import WorkflowsUnreachable
from domain.frozen import Frozen, Instant
from domain.identifiers import registration_workflow_id
from domain.registrations import Registration
from workflows.registration import RegistrationWorkflow
from workflows.search_attributes import SCHEDULED_TIME

ANSWER_WITHIN = timedelta(seconds=10)
OPEN = "WorkflowType = 'registration' AND ExecutionStatus = 'Running'"
_PREFIX = registration_workflow_id(UUID(int=0)).removesuffix(str(UUID(int=0)))


class Fit(StrEnum):
    """How a run stands to its row."""

    FITS = "fits"
    MISSING = "missing"
    """None is open."""
    APART = "apart"
    """It knows another version of the row: one of the two is older."""


class OpenRun(Frozen):
    """One that Temporal lists as open."""

    workflow_id: str
    registration_id: UUID | None
    """None where the id is none of ours."""
    sleeps_until: Instant | None = None
    """The opening that it waits for; None before its confirm."""


class Runs:
    """Runs, as one Temporal client sees them."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def open(self) -> list[OpenRun]:
        """Every open run.

        Raises:
            WorkflowsUnreachable: Temporal did not answer.
        """
        try:
            return [_open_run(listed) async for listed in self._client.list_workflows(OPEN)]
        except RPCError as error:
            raise _silent(error) from error

    async def opening_between(self, since: datetime, until: datetime) -> list[OpenRun]:
        """Open runs that wait for an opening of that time, as Temporal lists them.

        The list is some seconds behind: who is not in it may be there all the same.

        Raises:
            WorkflowsUnreachable: Temporal did not answer.
        """
        between = f"BETWEEN '{since.isoformat()}' AND '{until.isoformat()}'"
        named = f"{OPEN} AND {SCHEDULED_TIME.name} {between}"
        try:
            return [_open_run(listed) async for listed in self._client.list_workflows(named)]
        except RPCError as error:
            raise _silent(error) from error

    async def of(self, registration_id: UUID) -> OpenRun | None:
        """The registration's run as it is now; None where none is open. No worker is needed.

        Raises:
            WorkflowsUnreachable: Temporal did not answer.
        """
        handle = self._client.get_workflow_handle(registration_workflow_id(registration_id))
        try:
            described = await handle.describe(rpc_timeout=ANSWER_WITHIN)
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return None
            raise _silent(error) from error
        running = described.status is WorkflowExecutionStatus.RUNNING
        return _open_run(described) if running else None

    async def fit(self, row: Registration) -> Fit:
        """Whether the row's run is open and knows the row as it is.

        Raises:
            WorkflowsUnreachable: Temporal, or every worker, was silent.
        """
        handle = self._client.get_workflow_handle_for(
            RegistrationWorkflow.run, registration_workflow_id(row.id)
        )
        try:
            described = await handle.describe(rpc_timeout=ANSWER_WITHIN)
            if described.status is not WorkflowExecutionStatus.RUNNING:
                return Fit.MISSING
            view = await handle.query(RegistrationWorkflow.status, rpc_timeout=ANSWER_WITHIN)
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return Fit.MISSING
            raise _silent(error) from error
        except WorkflowQueryFailedError:
            return Fit.APART
        return Fit.FITS if _knows(view.standing, row) else Fit.APART

    async def end(self, workflow_id: str, because: str) -> None:
        """End it as it is; one that has ended meanwhile is no error.

        Raises:
            WorkflowsUnreachable: Temporal did not answer.
        """
        try:
            await self._client.get_workflow_handle(workflow_id).terminate(
                reason=because, rpc_timeout=ANSWER_WITHIN
            )
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise _silent(error) from error


def _knows(standing: Standing | None, row: Registration) -> bool:
    if standing is None:
        # The confirm is under way, or the run was started for one that never came.
        return row.confirmed_at is None
    return (standing.status, standing.version) == (row.status, row.version)


def _open_run(known: WorkflowExecution) -> OpenRun:
    return OpenRun(
        workflow_id=known.id,
        registration_id=_registration(known.id),
        sleeps_until=known.typed_search_attributes.get(SCHEDULED_TIME),
    )


def _registration(workflow_id: str) -> UUID | None:
    try:
        return UUID(workflow_id.removeprefix(_PREFIX))
    except ValueError:
        return None


def _silent(error: RPCError) -> WorkflowsUnreachable:
    return WorkflowsUnreachable(
        f"Temporal or every worker is silent ({error.status.name}). Start the worker: while "
        "bookings are paused it sends nothing. Then repeat this command."
    )
