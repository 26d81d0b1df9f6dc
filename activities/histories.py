"""What Temporal keeps of workflows that have nothing left to do."""

from collections.abc import Sequence
from datetime import timedelta

from temporalio.api.common.v1 import WorkflowExecution as Execution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import Client, WorkflowExecution, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from activities.failures import unanswered

ANSWER_WITHIN = timedelta(seconds=5)

BECAUSE = "the account is erased"

AT_ONCE = 20
"""Ids in one question to the list of workflows."""


class Histories:
    """Temporal's own memory, by workflow id."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def forget(self, workflow_ids: Sequence[str]) -> int:
        """Have every run of those ids deleted, once it has ended; how many there were.

        Whoever asks has seen to it that an open one has nothing left to do: it is ended now, and
        deleted with the next call. Temporal takes the wish and carries it out within a minute or
        so: none is left once this finds none.

        Raises:
            WorkflowsUnreachable: no answer.
        """
        found = 0
        try:
            for first in range(0, len(workflow_ids), AT_ONCE):
                runs = await self._known(workflow_ids[first : first + AT_ONCE])
                for run in runs:
                    await self._delete(run)
                found += len(runs)
        except RPCError as error:
            raise unanswered(error) from error
        return found

    async def _known(self, workflow_ids: Sequence[str]) -> list[WorkflowExecution]:
        """The latest run of each id, for certain, and the earlier ones as they are listed."""
        named = ", ".join(f"'{one}'" for one in workflow_ids)
        listed = [
            run
            async for run in self._client.list_workflows(
                f"WorkflowId IN ({named})", rpc_timeout=ANSWER_WITHIN
            )
        ]
        latest = [await self._latest(one) for one in workflow_ids]
        runs = {(run.id, run.run_id): run for run in (*listed, *latest) if run is not None}
        return list(runs.values())

    async def _latest(self, workflow_id: str) -> WorkflowExecution | None:
        try:
            handle = self._client.get_workflow_handle(workflow_id)
            return await handle.describe(rpc_timeout=ANSWER_WITHIN)
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return None
            raise

    async def _delete(self, run: WorkflowExecution) -> None:
        """One that is open is ended."""
        handle = self._client.get_workflow_handle(run.id, run_id=run.run_id)
        try:
            if run.status is WorkflowExecutionStatus.RUNNING:
                # Deleted with the next look: what has ended this instant would be put off.
                await handle.terminate(reason=BECAUSE, rpc_timeout=ANSWER_WITHIN)
                return
            await self._client.workflow_service.delete_workflow_execution(
                DeleteWorkflowExecutionRequest(
                    namespace=self._client.namespace,
                    workflow_execution=Execution(workflow_id=run.id, run_id=run.run_id),
                ),
                timeout=ANSWER_WITHIN,
            )
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
