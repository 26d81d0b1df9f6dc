"""Deciding what nobody could tell: whether a registration was booked."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, cast

from temporalio.client import Client, WithStartWorkflowOperation
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.service import RPCError, RPCStatusCode

from domain import run_words
from domain.answers import RegistrationAnswer
from domain.contracts import ChangeAnswer
from domain.identifiers import registration_workflow_id, review_workflow_id
from domain.refusals import Refused, refuse
from domain.registrations import Registration
from domain.review import ReviewOrder, ReviewRequest
from domain.states import RegistrationStatus
from domain.timing import Timing
from front_door.found_by import found_by
from front_door.update_answers import answered
from gateways import Records
from workflows.queues import REGISTRATIONS
from workflows.review_workflow import ReviewWorkflow

ANSWER_WITHIN = timedelta(seconds=90)
"""The organiser's system is asked and the fee charged before the answer."""

UPDATE = "resolve_review"


class Reviews:
    """For the operator, who acts on any registration."""

    def __init__(self, temporal: Client, records: Records, timing: Timing) -> None:
        self._temporal = temporal
        self._records = records
        self._timing = timing

    async def resolve(self, request: ReviewRequest) -> RegistrationAnswer:
        """Decide it. The same decision again is no error.

        The registration's own run takes the decision while it waits, else a run of its own.

        Raises:
            Refused: with every reason; nothing was changed.
            RecordMissing: there is no such registration.
            WorkflowsUnreachable: no answer in time; the same call may be repeated.
        """
        row = await self._records.registration(request.registration_id)
        if row.status is not RegistrationStatus.NEEDS_REVIEW:
            return await self._decided(row, request)
        answer = await self._asked(row, request)
        if answer.reasons:
            raise Refused(answer.reasons)
        return RegistrationAnswer.of(await self._records.registration(row.id))

    async def _decided(self, row: Registration, request: ReviewRequest) -> RegistrationAnswer:
        case = await self._records.review_case(row.id)
        taken = case.resolution if case is not None else None
        if taken is None:
            raise refuse(
                "not_in_review",
                f"This registration is {row.status.value}: nobody need decide anything.",
            )
        if (taken.decision, taken.booking_number) == (request.decision, request.booking_number):
            return RegistrationAnswer.of(row)
        raise refuse(
            "decided_otherwise",
            f"This registration was decided by {taken.by} already: it is {row.status.value}. "
            "Look at it again.",
        )

    async def _asked(self, row: Registration, request: ReviewRequest) -> ChangeAnswer:
        handle = self._temporal.get_workflow_handle(
            registration_workflow_id(request.registration_id)
        )
        ask = cast("Callable[..., Awaitable[ChangeAnswer]]", cast("Any", handle).execute_update)
        try:
            return await answered(
                ask(UPDATE, request, result_type=ChangeAnswer, rpc_timeout=ANSWER_WITHIN)
            )
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
        return await answered(self._of_its_own(row, request))

    async def _of_its_own(self, row: Registration, request: ReviewRequest) -> ChangeAnswer:
        said = run_words.review(row)
        temporal = cast("Any", self._temporal)  # the SDK leaves a type parameter open
        ask = cast(
            "Callable[..., Awaitable[ChangeAnswer]]", temporal.execute_update_with_start_workflow
        )
        start = WithStartWorkflowOperation(
            ReviewWorkflow.run,
            ReviewOrder(registration_id=request.registration_id, timing=self._timing),
            id=review_workflow_id(request.registration_id),
            task_queue=REGISTRATIONS,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            static_summary=said.summary,
            static_details=said.details,
            search_attributes=found_by(row),
        )
        return await ask(
            UPDATE,
            request,
            start_workflow_operation=start,
            result_type=ChangeAnswer,
            rpc_timeout=ANSWER_WITHIN,
        )
