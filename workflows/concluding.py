"""The end of a booking as it is written down, whatever it is."""

from typing import Any
from uuid import UUID

from temporalio import workflow
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from domain.contracts import BookingEnd, BookingResult, ChargeResult, OutcomeOrder, Standing
    from domain.identifiers import operation_key
    from domain.review_causes import ReviewCause
    from domain.states import RegistrationStatus
    from workflows import steps


def outcome_order(
    registration_id: UUID, version: int, booking: BookingResult, charge: ChargeResult | None
) -> OutcomeOrder:
    """What is written after a booking that ended so."""
    return OutcomeOrder(
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
        cause=booking.cause,
        refused_as=booking.refused_as,
        tries=booking.tries,
        clocks=booking.clocks,
    )


_STATUS_AFTER = {
    BookingEnd.BOOKED: RegistrationStatus.COMPLETED,
    BookingEnd.REFUSED: RegistrationStatus.FAILED,
    BookingEnd.UNKNOWN: RegistrationStatus.NEEDS_REVIEW,
}


async def conclude(order: OutcomeOrder, *, locally: bool) -> Standing:
    """Write it, and have it taken in any case.

    What the database refuses for good is handed to a person with all that is known, because
    a run that failed here would leave a booking that nobody looks after.
    """
    try:
        return await steps.record_outcome(order, locally=locally)
    except ActivityError as refused:
        review: dict[str, Any] = {
            "operation_key": operation_key(order.registration_id, "outcome", 2),
            "status": RegistrationStatus.NEEDS_REVIEW,
            "failure_code": None,
            "cause": ReviewCause.OUTCOME_NOT_WRITTEN,
            "refused_as": order.failure_code or order.refused_as,
            "evidence": f"the outcome {order.status} could not be written: {refused.cause}"[:300],
        }
        return await steps.record_outcome(order.model_copy(update=review), locally=False)
