"""Cancelling what is booked: one workflow, started or joined."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, cast

from temporalio.client import Client, WithStartWorkflowOperation
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy

from domain import run_words
from domain.cancellation import CancellationAnswer, CancellationOrder
from domain.identifiers import cancellation_workflow_id
from domain.refusals import Refused
from front_door.update_answers import answered
from workflows.cancellation import CancellationWorkflow
from workflows.queues import REGISTRATIONS

ANSWER_WITHIN = timedelta(seconds=20)
"""How long a caller waits. The cancellation itself is durable."""


class Cancellations:
    """Cancellations of completed registrations. Asked for twice, it happens once."""

    def __init__(self, temporal: Client) -> None:
        self._temporal = temporal

    async def carry_out(self, order: CancellationOrder) -> CancellationAnswer:
        """Cancel the booking and give the fee back where it is owed; what came of it.

        One that was refused earlier may be asked for again.

        Raises:
            Refused: with every reason; nothing has changed.
            WorkflowsUnreachable: no answer in time; it goes on, and the same call joins it.
        """
        said = run_words.cancellation(order)
        start = WithStartWorkflowOperation(
            CancellationWorkflow.run,
            order,
            id=cancellation_workflow_id(order.registration_id),
            task_queue=REGISTRATIONS,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            static_summary=said.summary,
            static_details=said.details,
        )
        answer = await answered(self._ask(start))
        if answer.reasons:
            raise Refused(answer.reasons)
        return answer

    async def _ask(self, start: WithStartWorkflowOperation[Any, Any]) -> CancellationAnswer:
        # By wire name: the SDK types an update that has options as returning a coroutine.
        temporal = cast("Any", self._temporal)  # the SDK leaves a type parameter open
        ask = cast(
            "Callable[..., Awaitable[CancellationAnswer]]",
            temporal.execute_update_with_start_workflow,
        )
        return await ask(
            "answer",
            start_workflow_operation=start,
            result_type=CancellationAnswer,
            rpc_timeout=ANSWER_WITHIN,
        )
