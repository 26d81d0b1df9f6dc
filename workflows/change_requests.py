"""What a parent may ask of a running registration, queued for the one writer of its row."""

from collections import deque
from dataclasses import dataclass, field
from uuid import UUID

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from domain.contracts import (
        CancelOrder,
        ChangeAnswer,
        RescheduleOrder,
        RescheduleRequest,
        RevokeOrder,
        Standing,
    )
    from domain.identifiers import REVOKE, operation_key
    from domain.refusals import Reason
    from domain.states import UNDER_WAY
    from domain.timing import Timing
    from workflows import steps

TOO_LATE = Reason(
    code="too_late",
    sentence="It is too late to change this: the booking is about to be sent or was sent. "
    "The outcome follows.",
)


UNCHANGED = Reason(
    code="temporarily_unavailable",
    sentence="The change could not be written. Nothing has changed: please try again.",
)


@dataclass
class ChangeRequest:
    """A cancel, or a move when `move` is given, or with `revoke` a withdrawal of the permission;
    answered once.
    """

    move: RescheduleRequest | None = None
    revoke: bool = False
    answer: ChangeAnswer | None = None


@dataclass
class ChangeRequests:
    """First come, first answered, by the one writer of the row."""

    registration_id: UUID
    waiting: deque[ChangeRequest] = field(default_factory=deque[ChangeRequest])

    async def ask(self, request: ChangeRequest) -> ChangeAnswer:
        """Queue the request and wait for its answer."""
        self.waiting.append(request)
        await workflow.wait_condition(lambda: request.answer is not None)
        assert request.answer is not None  # noqa: S101 - the condition says so
        return request.answer

    async def carry_out_first(self, standing: Standing) -> Standing:
        """Do the first change that waits; where the row stands afterwards.

        The database refuses it when a marker shows that the booking may have been sent.
        """
        request = self.waiting.popleft()
        try:
            answer = await self._carry_out(request, standing)
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            answer = ChangeAnswer(reasons=(UNCHANGED,))
        request.answer = answer
        return answer.standing or standing

    async def _carry_out(self, request: ChangeRequest, standing: Standing) -> ChangeAnswer:
        if request.revoke:
            return await steps.revoke(
                RevokeOrder(
                    registration_id=self.registration_id,
                    operation_key=operation_key(self.registration_id, REVOKE),
                )
            )
        key = operation_key(self.registration_id, "change", standing.version)
        if request.move is None:
            return await steps.cancel(
                CancelOrder(
                    registration_id=self.registration_id,
                    expected_version=standing.version,
                    operation_key=key,
                )
            )
        return await steps.reschedule(
            RescheduleOrder(
                registration_id=self.registration_id,
                expected_version=standing.version,
                operation_key=key,
                scheduled_time=request.move.scheduled_time,
                time_zone=request.move.time_zone,
            )
        )

    def refuse_all(self, reason: Reason) -> None:
        """Answer everything that waits with the same reason."""
        while self.waiting:
            self.waiting.popleft().answer = ChangeAnswer(reasons=(reason,))


def ended(row: Standing) -> Reason:
    """The reason for refusing a change of what has ended."""
    return Reason(
        code=f"already_{row.status.value}",
        sentence=f"This registration is {row.status.value} and can no longer be changed here.",
    )


def why_too_late(row: Standing | None, timing: Timing) -> Reason | None:
    """Why a change comes too late now, or too early; None in time."""
    if row is None:
        return Reason(code="not_confirmed", sentence="This registration is not confirmed yet.")
    if row.status not in UNDER_WAY:
        return ended(row)
    if workflow.now() >= row.scheduled_time - timing.point_of_no_return:
        return TOO_LATE
    return None
