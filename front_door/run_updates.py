"""Asking the runs of a registration to act."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, cast
from uuid import UUID

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from domain.contracts import ChangeAnswer
from domain.identifiers import registration_workflow_id, review_workflow_id
from domain.refusals import Refused
from domain.registrations import Registration
from front_door.run_start import ANSWER_WITHIN
from front_door.standing_answers import ended
from front_door.update_answers import answered

RunOf = Callable[[UUID], str]

OWN: tuple[RunOf, ...] = (registration_workflow_id,)

CHARGING: tuple[RunOf, ...] = (*OWN, review_workflow_id)
"""Whose run may be waiting for a fee: the registration's, or of a review that was decided later."""


class RunUpdates:
    """Updates, each sent to the first of the runs in question that is open."""

    def __init__(self, temporal: Client) -> None:
        self._temporal = temporal

    async def ask(
        self, row: Registration, update: str, *request: Any, runs: Sequence[RunOf] = OWN
    ) -> None:
        """Have it done.

        Raises:
            Refused: with the run's reasons, or because none is open.
            WorkflowsUnreachable: no answer in time; the same call may be repeated.
        """
        for workflow_id in runs:
            handle = self._temporal.get_workflow_handle(workflow_id(row.id))
            ask = cast("Callable[..., Awaitable[ChangeAnswer]]", cast("Any", handle).execute_update)
            try:
                answer = await answered(
                    ask(update, *request, result_type=ChangeAnswer, rpc_timeout=ANSWER_WITHIN)
                )
            except RPCError as error:
                if error.status is not RPCStatusCode.NOT_FOUND:
                    raise
                continue
            if answer.reasons:
                raise Refused(answer.reasons)
            return
        raise Refused(ended(row))
