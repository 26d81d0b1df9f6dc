"""The activities of a registration, each under its policy and with the words of the Web UI."""

from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

from temporalio import workflow
from temporalio.exceptions import ActivityError, FailureError, is_cancelled_exception
from temporalio.workflow import ActivityCancellationType, ActivityHandle

with workflow.unsafe.imports_passed_through():
    from activities.book import Bookings
    from activities.charge import Charging
    from activities.confirmation import Confirmation
    from activities.preflight import Preflight
    from activities.tell import Telling
    from activities.transitions import Transitions
    from domain.contracts import (
        BookingEnd,
        BookingResult,
        BookOrder,
        CancelOrder,
        ChangeAnswer,
        ChargeOrder,
        ChargeResult,
        Claim,
        ClaimOrder,
        ConfirmAnswer,
        ConfirmRequest,
        FeeOrder,
        Moment,
        OutcomeOrder,
        PreflightOrder,
        PreflightReport,
        ReleaseOrder,
        RescheduleOrder,
        Standing,
        TellOrder,
        TellReport,
    )
    from domain.identifiers import operation_key
    from domain.states import RegistrationStatus
    from domain.timing import Timing
    from workflows import policies, queues
    from workflows.policies import Policy


def _under(policy: Policy, summary: str) -> dict[str, Any]:
    return {
        "start_to_close_timeout": policy.start_to_close,
        "schedule_to_close_timeout": policy.schedule_to_close,
        "retry_policy": policy.retry,
        "heartbeat_timeout": policy.heartbeat,
        "summary": summary,
    }


async def confirm(request: ConfirmRequest) -> ConfirmAnswer:
    """Draft -> pending, or every reason against it."""
    return await workflow.execute_activity_method(
        Confirmation.confirm_registration,
        request,
        **_under(policies.CONFIRM, "Check everything once more and confirm"),
    )


async def preflight(order: PreflightOrder) -> PreflightReport:
    """Whether the booking would go through."""
    if order.moment is Moment.LEAD:
        policy, words = policies.LEAD_PREFLIGHT, "Last look before the opening"
    else:
        policy, words = policies.LOOK_AHEAD, "Look ahead while there is time to repair"
    return await workflow.execute_activity_method(
        Preflight.preflight, order, **_under(policy, words)
    )


async def claim(order: ClaimOrder, *, locally: bool) -> Claim:
    """Pending -> executing."""
    words = "Claim it for booking"
    if locally:
        with _slow_or_refused():
            return await workflow.execute_local_activity_method(
                Transitions.claim_registration, order, **_locally(words)
            )
    return await workflow.execute_activity_method(
        Transitions.claim_registration, order, **_under(policies.TRANSITION, words)
    )


@contextmanager
def _slow_or_refused() -> Generator[None]:
    """A local activity that failed is done again as an ordinary one, which has time."""
    try:
        yield
    # Of a local activity the SDK raises the failure itself, not an ActivityError around it.
    except FailureError as error:
        if is_cancelled_exception(error):
            raise


def _locally(summary: str) -> dict[str, Any]:
    return {
        "start_to_close_timeout": policies.LOCALLY.start_to_close,
        "schedule_to_close_timeout": policies.LOCALLY.schedule_to_close,
        "retry_policy": policies.LOCALLY.retry,
        "summary": summary,
    }


async def ask_release(registration_id: UUID) -> None:
    """Have the process that armed it give it back within a second, not at its next heartbeat.

    Where that fails the cancellation of the activity still reaches it.
    """
    try:
        await workflow.execute_activity_method(
            Transitions.ask_release,
            ReleaseOrder(registration_id=registration_id),
            **_under(policies.RELEASE, "Ask the armed booking back"),
        )
    except ActivityError as error:
        if is_cancelled_exception(error):
            raise


def book(order: BookOrder) -> ActivityHandle[BookingResult]:
    """Arm the booking; cancelling the handle waits for the durable "released unfired"."""
    return workflow.start_activity_method(
        Bookings.book,
        order,
        task_queue=queues.BOOKINGS,
        start_to_close_timeout=_armed_for(order.timing, order),
        schedule_to_close_timeout=_armed_for(order.timing, order)
        + order.timing.late_deadline
        + policies.RECONCILE_ALLOWANCE,
        heartbeat_timeout=policies.BOOK_HEARTBEAT,
        retry_policy=policies.BOOK_RETRY,
        cancellation_type=ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
        summary=f"Book at {order.send_at.isoformat()}",
    )


def _armed_for(timing: Timing, order: BookOrder) -> timedelta:
    wait = max(order.send_at - workflow.now(), timedelta())
    return wait + timing.opening_grace + 4 * timing.quiet_period + timedelta(minutes=1)


async def charge(order: ChargeOrder) -> ChargeResult:
    """Take the success fee, or find out within the policy's time that it is undecided."""
    return await workflow.execute_activity_method(
        Charging.charge_success_fee,
        order,
        **_under(policies.CHARGE, f"Charge the success fee (charge {order.number})"),
    )


async def conclude(
    registration_id: UUID,
    version: int,
    booking: BookingResult,
    charge: ChargeResult | None,
    *,
    locally: bool,
) -> Standing:
    """Write the end, with the receipt where there is a booking.

    What the database refuses for good is handed to a person with all that is known, because
    a run that failed here would leave a booking that nobody looks after.
    """
    order = OutcomeOrder(
        registration_id=registration_id,
        expected_version=version,
        operation_key=operation_key(registration_id, "outcome", 1),
        status=_STATUS_AFTER[booking.end],
        booking=booking.booking,
        fence=booking.fence or None,
        charge=charge,
        failure_code=booking.failure_code,
        message=booking.message,
        evidence=booking.evidence,
        tries=booking.tries,
        clocks=booking.clocks,
    )
    try:
        return await _record_outcome(order, locally=locally)
    except ActivityError as refused:
        review = {
            "operation_key": operation_key(registration_id, "outcome", 2),
            "status": RegistrationStatus.NEEDS_REVIEW,
            "failure_code": None,
            "evidence": f"the outcome {order.status} could not be written: {refused.cause}"[:300],
        }
        return await _record_outcome(order.model_copy(update=review), locally=False)


_STATUS_AFTER = {
    BookingEnd.BOOKED: RegistrationStatus.COMPLETED,
    BookingEnd.REFUSED: RegistrationStatus.FAILED,
    BookingEnd.UNKNOWN: RegistrationStatus.NEEDS_REVIEW,
}


async def _record_outcome(order: OutcomeOrder, *, locally: bool) -> Standing:
    words = "Write the receipt and complete" if order.booking else "Record how it ended"
    if locally:
        with _slow_or_refused():
            return await workflow.execute_local_activity_method(
                Transitions.record_outcome, order, **_locally(words)
            )
    return await workflow.execute_activity_method(
        Transitions.record_outcome, order, **_under(policies.TRANSITION, words)
    )


async def settle_fee(order: FeeOrder) -> Standing:
    """Write the result of a fee tried again."""
    return await workflow.execute_activity_method(
        Transitions.settle_fee, order, **_under(policies.TRANSITION, "Record the fee")
    )


async def reschedule(order: RescheduleOrder) -> ChangeAnswer:
    """Move the opening."""
    return await workflow.execute_activity_method(
        Transitions.reschedule_registration,
        order,
        **_under(policies.TRANSITION, "Move to the new opening time"),
    )


async def cancel(order: CancelOrder) -> ChangeAnswer:
    """Cancel before anything was sent."""
    return await workflow.execute_activity_method(
        Transitions.cancel_registration, order, **_under(policies.TRANSITION, "Cancel")
    )


async def tell(registration_id: UUID) -> TellReport:
    """Deliver the outbox of this registration."""
    return await workflow.execute_activity_method(
        Telling.tell_parent,
        TellOrder(registration_id=registration_id),
        **_under(policies.TELL, "Tell the parent"),
    )
