"""The armed bookings as Temporal knows them: who was handed one, and that its process died."""

from base64 import b64decode
from datetime import timedelta
from typing import NamedTuple, Protocol
from uuid import UUID

from temporalio.api.enums.v1 import PendingActivityState
from temporalio.client import AsyncActivityHandle, Client
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from activities.failures import unanswered
from domain.attempts import ArmedBy
from domain.identifiers import registration_workflow_id

BOOK = "book"
"""The activity that arms and books."""

TAKEN_OVER_AFTER = timedelta(milliseconds=100)

ANSWER_WITHIN = timedelta(seconds=2)

HANDED = (
    PendingActivityState.PENDING_ACTIVITY_STATE_STARTED,
    PendingActivityState.PENDING_ACTIVITY_STATE_CANCEL_REQUESTED,
)
"""A process has it."""


class HandedOut(NamedTuple):
    """An attempt that a process was handed and has not answered."""

    armed_by: ArmedBy
    attempt: int
    """Temporal's count: told apart by it, two attempts of one activity."""


class ArmedActivities(Protocol):
    """What is asked of, and told to, Temporal."""

    async def handed_out(self, registration_id: UUID) -> HandedOut | None:
        """The attempt to book it that some process has now; None where none has.

        Raises:
            WorkflowsUnreachable: Temporal did not answer.
        """
        ...

    async def report_death(self, registration_id: UUID, armed_by: ArmedBy) -> None:
        """Have it tried again at once. An attempt that ended meanwhile is no error.

        Raises:
            WorkflowsUnreachable: Temporal did not answer.
        """
        ...


class TemporalActivities:
    """The same, over a client."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def handed_out(self, registration_id: UUID) -> HandedOut | None:
        handle = self._client.get_workflow_handle(registration_workflow_id(registration_id))
        try:
            described = await handle.describe(rpc_timeout=ANSWER_WITHIN)
        except RPCError as error:
            _unless_gone(error)
            return None
        for pending in described.raw_description.pending_activities:
            if pending.state in HANDED and pending.activity_type.name == BOOK:
                armed_by = ArmedBy(run_id=described.run_id, activity_id=pending.activity_id)
                return HandedOut(armed_by, pending.attempt)
        return None

    async def report_death(self, registration_id: UUID, armed_by: ArmedBy) -> None:
        died = ApplicationError(
            "the process that armed it died", type="LaneDied", next_retry_delay=TAKEN_OVER_AFTER
        )
        try:
            await self._handle(registration_id, armed_by).fail(died, rpc_timeout=ANSWER_WITHIN)
        except RPCError as error:
            _unless_gone(error)

    def _handle(self, registration_id: UUID, armed_by: ArmedBy) -> AsyncActivityHandle:
        if armed_by.task_token:
            # By id it would be whichever attempt runs now; it may be a healthy successor's.
            token = b64decode(armed_by.task_token)
            return self._client.get_async_activity_handle(task_token=token)
        return self._client.get_async_activity_handle(
            workflow_id=registration_workflow_id(registration_id),
            run_id=armed_by.run_id,
            activity_id=armed_by.activity_id,
        )


def _unless_gone(error: RPCError) -> None:
    if error.status is not RPCStatusCode.NOT_FOUND:
        raise unanswered(error) from error
