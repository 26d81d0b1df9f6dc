"""A booking armed for its instant: it ends in a result, or is released for a change."""

from datetime import datetime

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception
from temporalio.workflow import ActivityHandle

with workflow.unsafe.imports_passed_through():
    from domain.contracts import BookingEnd, BookingResult
    from domain.timing import Timing
    from workflows.change_requests import TOO_LATE, ChangeRequests

MAX_EVIDENCE = 300
"""Characters."""


async def result_of(
    armed: ActivityHandle[BookingResult],
    changes: ChangeRequests,
    send_at: datetime,
    timing: Timing,
) -> BookingResult:
    """Wait for the booking; a change before the point of no return takes it back first.

    `released` means durably unfired. Any other end answers the waiting changes "too late".
    """
    await workflow.wait_condition(lambda: armed.done() or bool(changes.waiting))
    if not armed.done() and workflow.now() < send_at - timing.point_of_no_return:
        armed.cancel()
    try:
        booking = await armed
    except ActivityError as error:
        booking = _without_answer(error)
    if booking.end is not BookingEnd.RELEASED:
        changes.refuse_all(TOO_LATE)
    return booking


def _without_answer(error: ActivityError) -> BookingResult:
    if is_cancelled_exception(error):
        # Cancelled before any worker had it, or between two attempts: the database, which
        # knows every marker, has the last word when the change is carried out.
        return BookingResult(end=BookingEnd.RELEASED, fence=0)
    evidence = f"the booking activity ended without an answer: {error.cause}"
    return BookingResult(end=BookingEnd.UNKNOWN, fence=0, evidence=evidence[:MAX_EVIDENCE])
