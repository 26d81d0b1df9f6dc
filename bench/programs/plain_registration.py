"""The plain workflow: it sleeps until the opening, and then does one thing after the other.

The same activities as the service's own workflow, in the order in which one would first write
them down. Nothing of it is made slow on purpose; it only does nothing before the opening.
"""

from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from domain.contracts import (
        BookingResult,
        BookOrder,
        ChargeOrder,
        ChargeResult,
        Claim,
        ClaimOrder,
        ConfirmAnswer,
        ConfirmRequest,
        Standing,
        TellOrder,
        TellReport,
    )
    from domain.identifiers import operation_key
    from domain.looking_ahead import Moment, PreflightOrder, PreflightReport
    from workflows.concluding import outcome_order

QUEUE = "bench-plain"
NAME = "bench_plain_registration"

STEP = timedelta(seconds=60)
BOOKING = timedelta(minutes=10)
HEARTBEAT = timedelta(seconds=30)
"""Activities that wait heartbeat; a busy single worker must not be taken for a dead one."""


@workflow.defn(name=NAME)
class PlainRegistration:
    """Confirm, sleep to the opening, look, claim, book, charge, write, tell."""

    @workflow.run
    async def run(self, request: ConfirmRequest) -> Standing:
        """The whole registration."""
        registration_id = request.registration_id
        answer: ConfirmAnswer = await _do("confirm_registration", request, ConfirmAnswer)
        if answer.standing is None:
            raise ApplicationError("the confirm was refused", non_retryable=True)
        await _do("tell_parent", TellOrder(registration_id=registration_id), TellReport)
        opening = answer.standing.scheduled_time
        await workflow.sleep(max(opening - workflow.now(), timedelta()))
        report: PreflightReport = await _do(
            "preflight",
            PreflightOrder(
                registration_id=registration_id,
                moment=Moment.LEAD,
                operation_key=operation_key(registration_id, "look"),
            ),
            PreflightReport,
        )
        claim: Claim = await _do(
            "claim_registration",
            ClaimOrder(
                registration_id=registration_id,
                expected_version=answer.standing.version,
                operation_key=operation_key(registration_id, "claim"),
            ),
            Claim,
        )
        booking: BookingResult = await _do(
            "book",
            BookOrder(
                registration_id=registration_id,
                send_at=claim.send_at,
                people=report.people,
                timing=request.timing,
                rank=claim.rank,
                sharing=claim.sharing,
            ),
            BookingResult,
            within=BOOKING,
            heartbeat=HEARTBEAT,
        )
        charge = await _charge(request, booking)
        standing: Standing = await _do(
            "record_outcome",
            outcome_order(registration_id, claim.standing.version, booking, charge),
            Standing,
        )
        await _do("tell_parent", TellOrder(registration_id=registration_id), TellReport)
        return standing


async def _charge(request: ConfirmRequest, booking: BookingResult) -> ChargeResult | None:
    if booking.booking is None:
        return None
    order = ChargeOrder(
        registration_id=request.registration_id,
        number=1,
        booking=booking.booking,
        fence=booking.fence,
        operation_key=operation_key(request.registration_id, "charge"),
    )
    return await _do("charge_success_fee", order, ChargeResult, heartbeat=HEARTBEAT)


async def _do(
    activity: str,
    order: object,
    result: type,
    *,
    within: timedelta = STEP,
    heartbeat: timedelta | None = None,
) -> Any:
    return await workflow.execute_activity(
        activity,
        order,
        result_type=result,
        start_to_close_timeout=within,
        heartbeat_timeout=heartbeat,
    )
