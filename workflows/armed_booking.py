"""A booking armed for its instant: it ends in a result, or is released for a change."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from domain.contracts import BookingEnd, BookingResult, BookOrder, Standing
    from domain.review_causes import ReviewCause
    from domain.states import RegistrationStatus
    from workflows import steps
    from workflows.change_requests import TOO_LATE, ChangeRequests

FIRST_PAUSE = timedelta(milliseconds=200)
LONGEST_PAUSE = timedelta(seconds=30)
RELEASE_ASKED = "release-asked"
"""The patch since which the lanes process is asked directly, not by its next heartbeat."""

CHANGED_BEFORE_ARMED = "changed-before-armed"
"""The patch since which a change that was accepted while the claim was held up, past the opening
too, is carried out before anything is armed."""

MAX_EVIDENCE = 300
"""Characters."""


class ArmedBooking:
    """One claimed registration's booking, armed again until it is decided."""

    def __init__(self, order: BookOrder, changes: ChangeRequests) -> None:
        self._order = order
        self._changes = changes

    async def result(
        self, scheduled_time: datetime, change: Callable[[], Awaitable[Standing]]
    ) -> BookingResult | None:
        """How it ended; None when a change took the registration back unsent.

        A booking that ended without an answer, or whose change the database refused because
        an attempt that died may have sent, is armed again: each attempt looks first. Past the
        late deadline a person must look.
        """
        deadline = scheduled_time + self._order.timing.late_deadline
        pause = FIRST_PAUSE
        while True:
            if self._changes.waiting and workflow.patched(CHANGED_BEFORE_ARMED):
                standing = await change()
                if standing.status is not RegistrationStatus.EXECUTING:
                    return None
                continue
            try:
                result = await self._once()
            except ActivityError as error:
                if workflow.now() > deadline:
                    return _without_answer(error)
                await workflow.sleep(pause, summary="Book again after a failure")
                pause = min(pause * 2, LONGEST_PAUSE)
                continue
            if result.end is not BookingEnd.RELEASED:
                self._changes.refuse_all(TOO_LATE)
                return result
            if self._changes.waiting:
                standing = await change()
                if standing.status is not RegistrationStatus.EXECUTING:
                    return None

    async def _once(self) -> BookingResult:
        """Arm it; a change before the point of no return takes it back first.

        `released` means durably unfired, as far as this attempt goes: the database, which
        knows every marker, has the last word when the change is carried out.
        """
        armed = steps.book(self._order)
        await workflow.wait_condition(lambda: armed.done() or bool(self._changes.waiting))
        released = False
        if not armed.done() and self._in_time():
            if workflow.patched(RELEASE_ASKED):
                await steps.ask_release(self._order.registration_id)
            released = armed.cancel()
        try:
            return await armed
        except ActivityError as error:
            # Temporal does not repeat what it was asked to cancel, whatever became of it.
            if released or is_cancelled_exception(error):
                return BookingResult(end=BookingEnd.RELEASED, fence=0)
            raise

    def _in_time(self) -> bool:
        return workflow.now() < self._order.send_at - self._order.timing.point_of_no_return


def _without_answer(error: ActivityError) -> BookingResult:
    evidence = f"the booking activity ended without an answer: {error.cause}"
    return BookingResult(
        end=BookingEnd.UNKNOWN,
        fence=0,
        evidence=evidence[:MAX_EVIDENCE],
        cause=ReviewCause.BOOKING_STEP_FAILED,
    )
