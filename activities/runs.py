"""The workflows of registrations, as somebody asks after them who is none of them."""

from datetime import timedelta
from enum import StrEnum
from typing import Any, cast
from uuid import UUID

from temporalio.client import (
    Client,
    WorkflowExecutionStatus,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
    WorkflowUpdateStage,
)
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from activities.failures import unanswered
from domain import run_words
from domain.cancellation import CancellationOrder
from domain.identifiers import (
    cancellation_workflow_id,
    registration_workflow_id,
    review_workflow_id,
)

ANSWER_WITHIN = timedelta(seconds=5)


class RunState(StrEnum):
    """What Temporal knows of a workflow id."""

    RUNNING = "running"
    ENDED = "ended"
    UNKNOWN = "unknown"
    """There never was one, or it is forgotten."""


class Runs:
    """Temporal, asked by name and id. Every method raises WorkflowsUnreachable without an answer.

    Args of construction:
        client: of Temporal.
        queue: the task queue that the workflows of registrations are served on.
    """

    def __init__(self, client: Client, queue: str) -> None:
        self._client = client
        self._queue = queue

    async def of_registration(self, registration_id: UUID) -> RunState:
        """The registration's own workflow, the latest of its id."""
        return await self._state(registration_workflow_id(registration_id))

    async def of_cancellation(self, registration_id: UUID) -> RunState:
        """The workflow that gives its booking back."""
        return await self._state(cancellation_workflow_id(registration_id))

    async def of_fee(self, registration_id: UUID) -> RunState:
        """Whether any workflow may still decide its charges: RUNNING where one does, else ENDED.

        Its own, that of a review which was decided later, or the one that gives its booking back.
        """
        for workflow_id in (
            registration_workflow_id,
            review_workflow_id,
            cancellation_workflow_id,
        ):
            state = await self._state(workflow_id(registration_id))
            if state is RunState.RUNNING:
                return state
        return RunState.ENDED

    async def begin_cancellation(self, order: CancellationOrder) -> None:
        """Start the workflow `cancellation`, unless one is at work, whoever asked for it.

        One that has ended is no hindrance: it may have been refused, and what it did is not done
        twice.
        """
        said = run_words.cancellation(order)
        try:
            await self._client.start_workflow(
                "cancellation",
                order,
                id=cancellation_workflow_id(order.registration_id),
                task_queue=self._queue,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                static_summary=said.summary,
                static_details=said.details,
                rpc_timeout=ANSWER_WITHIN,
            )
        except WorkflowAlreadyStartedError:
            return
        except RPCError as error:
            raise unanswered(error) from error

    async def look_at_fee(self, registration_id: UUID) -> RunState:
        """Ask the run that waits for the fee, if one runs, to look what became of it.

        That is the registration's own, or that of a review which was decided later. Its answer is
        not waited for. A run from before it could look goes on as it is.
        """
        for workflow_id in (registration_workflow_id, review_workflow_id):
            state = await self._look_at_fee_in(workflow_id(registration_id))
            if state is RunState.RUNNING:
                return state
        return RunState.ENDED

    async def _look_at_fee_in(self, workflow_id: str) -> RunState:
        handle = self._client.get_workflow_handle(workflow_id)
        try:
            await cast("Any", handle).start_update(
                "look_at_fee",
                wait_for_stage=WorkflowUpdateStage.ACCEPTED,
                rpc_timeout=ANSWER_WITHIN,
            )
        except (WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError):
            return RunState.RUNNING
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return RunState.ENDED
            raise unanswered(error) from error
        return RunState.RUNNING

    async def _state(self, workflow_id: str) -> RunState:
        try:
            known = await self._client.get_workflow_handle(workflow_id).describe(
                rpc_timeout=ANSWER_WITHIN
            )
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return RunState.UNKNOWN
            raise unanswered(error) from error
        running = known.status is WorkflowExecutionStatus.RUNNING
        return RunState.RUNNING if running else RunState.ENDED
