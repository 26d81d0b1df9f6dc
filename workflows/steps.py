"""The activities of a registration, each under its policy and with the words of the Web UI."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

from temporalio import workflow
from temporalio.exceptions import ActivityError, FailureError, is_cancelled_exception
from temporalio.workflow import ActivityCancellationType, ActivityHandle

with workflow.unsafe.imports_passed_through():
    from activities.book import Bookings
    from activities.charge import Charging
    from activities.confirmation import Confirmation
    from activities.preflight import Preflight
    from activities.review import Reviewing
    from activities.tell import Telling
    from activities.transitions import Transitions
    from domain.contracts import (
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
        OutcomeOrder,
        ReleaseOrder,
        RescheduleOrder,
        RevokeOrder,
        Standing,
        TellOrder,
        TellReport,
    )
    from domain.fee import FeeLook, FeeLookOrder
    from domain.looking_ahead import Moment, PreflightOrder, PreflightReport
    from domain.review import ReviewFinding, ReviewOutcome, ReviewRequest
    from domain.timing import Timing
    from workflows import policies, queues


_Order = TypeVar("_Order")
_Answer = TypeVar("_Answer")


async def confirm(request: ConfirmRequest) -> ConfirmAnswer:
    """Draft -> pending, or every reason against it."""
    return await workflow.execute_activity_method(
        Confirmation.confirm_registration,
        request,
        **policies.CONFIRM.under("Check everything once more and confirm"),
    )


async def preflight(order: PreflightOrder) -> PreflightReport:
    """Whether the booking would go through."""
    if order.moment is Moment.LEAD:
        policy, words = policies.LEAD_PREFLIGHT, "Last look before the opening"
    else:
        policy, words = policies.LOOK_AHEAD, "Look ahead while there is time to repair"
    return await workflow.execute_activity_method(Preflight.preflight, order, **policy.under(words))


async def claim(order: ClaimOrder, *, locally: bool) -> Claim:
    """Pending -> executing."""
    words = "Claim it for booking"
    return await _write(Transitions.claim_registration, order, words, locally=locally)


async def _write(
    step: Callable[[Transitions, _Order], Awaitable[_Answer]],
    order: _Order,
    summary: str,
    *,
    locally: bool,
) -> _Answer:
    """Within the workflow task where asked for; what fails there is an ordinary activity's."""
    if locally:
        try:
            return await workflow.execute_local_activity_method(
                step,
                order,
                start_to_close_timeout=policies.LOCALLY.start_to_close,
                schedule_to_close_timeout=policies.LOCALLY.schedule_to_close,
                retry_policy=policies.LOCALLY.retry,
                summary=summary,
            )
        # Of a local activity the SDK raises the failure itself, not an ActivityError around it.
        except FailureError as error:
            if is_cancelled_exception(error):
                raise
    return await workflow.execute_activity_method(step, order, **policies.TRANSITION.under(summary))


async def ask_release(registration_id: UUID) -> None:
    """Have the process that armed it give it back within a second, not at its next heartbeat.

    Where that fails the cancellation of the activity still reaches it.
    """
    try:
        await workflow.execute_activity_method(
            Transitions.ask_release,
            ReleaseOrder(registration_id=registration_id),
            **policies.RELEASE.under("Ask the armed booking back"),
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
        **policies.CHARGE.under(f"Charge the success fee (charge {order.number})"),
    )


async def record_outcome(order: OutcomeOrder, *, locally: bool) -> Standing:
    """Write the end, with the receipt where there is a booking."""
    words = "Write the receipt and complete" if order.booking else "Record how it ended"
    return await _write(Transitions.record_outcome, order, words, locally=locally)


async def settle_fee(order: FeeOrder) -> Standing:
    """Write the result of a fee tried again."""
    return await workflow.execute_activity_method(
        Transitions.settle_fee, order, **policies.TRANSITION.under("Record the fee")
    )


async def look_at_fee(order: FeeLookOrder) -> FeeLook:
    """What became of a charge that waits for the parent's approval."""
    words = "Withdraw the charge that waits" if order.withdraw else "Look at the charge that waits"
    policy = policies.MONEY_BACK if order.withdraw else policies.CHARGE
    return await workflow.execute_activity_method(
        Charging.look_at_fee, order, **policy.under(words)
    )


async def check_review(request: ReviewRequest) -> ReviewFinding:
    """What the organiser's system says to a person's decision."""
    return await workflow.execute_activity_method(
        Reviewing.check_review,
        request,
        **policies.CHECK_REVIEW.under("Check a person's decision at the organiser"),
    )


async def resolve_review(outcome: ReviewOutcome) -> ChangeAnswer:
    """Write a person's decision, or every reason why it was not taken."""
    return await workflow.execute_activity_method(
        Reviewing.resolve_review,
        outcome,
        **policies.TRANSITION.under("Write a person's decision"),
    )


async def reschedule(order: RescheduleOrder) -> ChangeAnswer:
    """Move the opening."""
    return await workflow.execute_activity_method(
        Transitions.reschedule_registration,
        order,
        **policies.TRANSITION.under("Move to the new opening time"),
    )


async def cancel(order: CancelOrder) -> ChangeAnswer:
    """Cancel before anything was sent."""
    return await workflow.execute_activity_method(
        Transitions.cancel_registration, order, **policies.TRANSITION.under("Cancel")
    )


async def revoke(order: RevokeOrder) -> ChangeAnswer:
    """Withdraw the permission before anything was sent."""
    return await workflow.execute_activity_method(
        Transitions.revoke_mandate, order, **policies.TRANSITION.under("Withdraw the permission")
    )


async def tell(registration_id: UUID) -> TellReport:
    """Deliver the outbox of this registration."""
    return await workflow.execute_activity_method(
        Telling.tell_parent,
        TellOrder(registration_id=registration_id),
        task_queue=queues.LETTERS,
        **policies.TELL.under("Tell the parent"),
    )
