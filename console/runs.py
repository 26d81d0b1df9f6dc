"""The runs of registrations at Temporal, beside the rows they belong to."""

from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from temporalio.client import Client, WorkflowExecutionStatus, WorkflowQueryFailedError
from temporalio.service import RPCError, RPCStatusCode

from domain.contracts import Standing
from domain.errors import WorkflowsUnreachable
from domain.frozen import Frozen
from domain.identifiers import registration_workflow_id
from domain.registrations import Registration
from workflows.registration import RegistrationWorkflow

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
            return [
                OpenRun(workflow_id=listed.id, registration_id=_registration(listed.id))
                async for listed in self._client.list_workflows(OPEN)
            ]
        except RPCError as error:
            raise _silent(error) from error

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
