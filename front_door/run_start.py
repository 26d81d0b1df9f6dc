"""Starting a registration's workflow by its confirm, or reaching the one that runs."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, cast

from temporalio.client import Client, WithStartWorkflowOperation
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from domain import run_words
from domain.contracts import ConfirmAnswer, ConfirmRequest, RegistrationOrder
from domain.identifiers import registration_workflow_id
from domain.refusals import Refused
from domain.registrations import Agreement
from domain.timing import Timing
from front_door.found_by import found_by
from front_door.update_answers import answered
from workflows.queues import REGISTRATIONS
from workflows.registration import RegistrationWorkflow

ANSWER_WITHIN = timedelta(seconds=20)
"""How long a caller waits for the workflow's answer. The request itself is durable."""


class RunStart:
    """The one way a registration gets its workflow."""

    def __init__(self, temporal: Client, timing: Timing) -> None:
        self._temporal = temporal
        self._timing = timing

    async def confirm(
        self,
        agreement: Agreement,
        request: ConfirmRequest,
        reuse: WorkflowIDReusePolicy = WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
    ) -> ConfirmAnswer:
        """Update-with-start: the run begins and confirms, or the one that runs answers.

        Raises:
            Refused: a validator's sentence and code.
            WorkflowAlreadyStartedError: a run of this registration ended well before.
            WorkflowsUnreachable: no answer in time; the same call may be repeated.
        """
        row = agreement.registration
        said = run_words.registration(row)
        start = WithStartWorkflowOperation(
            RegistrationWorkflow.run,
            RegistrationOrder(registration_id=row.id, timing=self._timing),
            id=registration_workflow_id(row.id),
            task_queue=REGISTRATIONS,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=reuse,
            static_summary=said.summary,
            static_details=said.details,
            search_attributes=found_by(row),
        )
        return await answered(self._confirm_update(request, start))

    async def again(self, agreement: Agreement) -> str | None:
        """For a confirmed registration that lost its run: from its own row's digest and fee.

        None, or why none was started, in a sentence. Raises WorkflowsUnreachable.
        """
        row = agreement.registration
        request = ConfirmRequest(
            registration_id=row.id,
            summary_digest=row.summary_digest,
            accepted_fee_cents=row.success_fee_cents,
            timing=self._timing,
            taking_over=True,
        )
        try:
            answer = await self.confirm(agreement, request)
        except WorkflowAlreadyStartedError:
            return "A workflow of this registration came to its end before, so it gets no second."
        except Refused as refused:
            return " ".join(reason.sentence for reason in refused.reasons)
        return " ".join(reason.sentence for reason in answer.reasons) or None

    async def _confirm_update(
        self, request: ConfirmRequest, start: WithStartWorkflowOperation[Any, Any]
    ) -> ConfirmAnswer:
        # By wire name: the SDK types an update that has options as returning a coroutine.
        temporal = cast("Any", self._temporal)  # the SDK leaves a type parameter open
        ask = cast(
            "Callable[..., Awaitable[ConfirmAnswer]]",
            temporal.execute_update_with_start_workflow,
        )
        return await ask(
            "confirm",
            request,
            start_workflow_operation=start,
            result_type=ConfirmAnswer,
            rpc_timeout=ANSWER_WITHIN,
        )
