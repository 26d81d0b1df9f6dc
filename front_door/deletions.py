"""Asking to have one's account deleted, and thinking again."""

from datetime import datetime
from uuid import UUID

from temporalio.client import Client
from temporalio.common import WorkflowIDReusePolicy
from temporalio.service import RPCError

from activities.clock import Clock
from domain import run_words
from domain.erasures import GRACE, DeletionAnswer, ErasureCase, ErasureOrder
from domain.errors import Conflict, RecordMissing, WorkflowsUnreachable
from domain.identifiers import erasure_notice_workflow_id
from domain.opening import in_words
from domain.refusals import Reason, Refused, refuse
from front_door.run_start import ANSWER_WITHIN
from gateways import Records
from workflows.erasure import ErasureNoticeWorkflow
from workflows.queues import MAINTENANCE


class Deletions:
    """The wish to be deleted. It is carried out by the job `account-purge`, a month later."""

    def __init__(self, temporal: Client, records: Records, clock: Clock) -> None:
        self._temporal = temporal
        self._records = records
        self._clock = clock

    async def request(self, user_id: UUID) -> DeletionAnswer:
        """Have the account deleted after thirty days. Asked again, the first wish stays.

        What opens by then is booked as planned; nothing new is scheduled.

        Raises:
            Refused: `opens_after_deletion`, a reason for each registration that opens later: it
                would be lost. Nothing was asked for.
            WorkflowsUnreachable: it is asked for, and whether the letter goes out is not known; the
                same call may be repeated.
        """
        case = await self._records.erasure_case(user_id)
        if case.wish is None:
            _check_openings(case, self._clock.now() + GRACE)
        try:
            wish = await self._records.ask_erasure(user_id, GRACE)
        except Conflict:
            # Confirmed at this very moment.
            case = await self._records.erasure_case(user_id)
            _check_openings(case, self._clock.now() + GRACE)
            raise
        await self._noticed(user_id)
        return DeletionAnswer.of(wish, case)

    async def cancel(self, user_id: UUID) -> DeletionAnswer:
        """Keep the account. Everything goes on as if nothing had been asked for.

        Raises:
            Refused: `no_deletion_asked`.
            WorkflowsUnreachable: as for `request`.
        """
        case = await self._records.erasure_case(user_id)
        try:
            kept = await self._records.withdraw_erasure(user_id)
        except RecordMissing as missing:
            raise refuse(
                "no_deletion_asked", "Nobody asked to delete this account, so it is kept anyway."
            ) from missing
        await self._noticed(user_id)
        return DeletionAnswer.of(kept, case)

    async def _noticed(self, user_id: UUID) -> None:
        """Begun, or told to look once more: what it tells and notes is what stands then."""
        said = run_words.erasure_notice()
        try:
            await self._temporal.start_workflow(
                ErasureNoticeWorkflow.run,
                ErasureOrder(user_id=user_id),
                id=erasure_notice_workflow_id(user_id),
                task_queue=MAINTENANCE,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                start_signal="changed",
                static_summary=said.summary,
                static_details=said.details,
                rpc_timeout=ANSWER_WITHIN,
            )
        except RPCError as error:
            raise WorkflowsUnreachable(
                "It is asked for, but the letter about it may not be on its way. Make the same "
                "call again in a moment: it does no harm."
            ) from error


def _check_openings(case: ErasureCase, deleted: datetime) -> None:
    later = case.opening_after(deleted)
    if later:
        raise Refused(
            Reason(
                code="opens_after_deletion",
                sentence=f"{one.code} opens {in_words(one.scheduled_time, 'UTC')}, when the "
                "account would be deleted already. Cancel it first, or ask again after it.",
            )
            for one in later
        )
