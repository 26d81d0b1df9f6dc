"""Registrations further on than their confirm, as a workflow writes them."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

from domain.cancellation import BookingCancelledOrder, CancelledBy, CancelledOrder
from domain.contracts import (
    BookingFacts,
    CancelOrder,
    ChargeResult,
    ClaimOrder,
    OutcomeOrder,
)
from domain.payments import ChargeOutcome, ChargeStatus
from domain.refunds import RefundReason
from domain.states import FailureCode, FeeStatus, RegistrationStatus
from tests.mcp_server.world import Records

SOLD_OUT = "All places were gone when our request arrived."


async def claimed(records: Records, registration_id: UUID) -> None:
    row = await records.registration(registration_id)
    await records.claim(
        ClaimOrder(
            registration_id=row.id, expected_version=row.version, operation_key=f"claim/{row.id}"
        )
    )


async def booked(records: Records, registration_id: UUID) -> None:
    """With a card that was declined."""
    await claimed(records, registration_id)
    await _completed(records, registration_id, _number(), ChargeResult(fee_status=FeeStatus.DUE))


async def booked_and_paid(records: Records, registration_id: UUID) -> None:
    await claimed(records, registration_id)
    number = _number()
    row = await records.registration(registration_id)
    assert row.send_at is not None
    await records.open_attempt(registration_id, row.send_at, f"attempt/{registration_id}")
    await records.open_charge(registration_id, 1, 1, number, f"charge/{registration_id}")
    charged = ChargeOutcome(
        number=1, status=ChargeStatus.SUCCEEDED, payment_intent_id=f"pi_{uuid4().hex}"
    )
    paid = ChargeResult(fee_status=FeeStatus.PAID, outcome=charged)
    await _completed(records, registration_id, number, paid)


def _number() -> str:
    """Of a booking, as the organiser's system draws it."""
    return str(uuid4().int)[:15]


async def _completed(
    records: Records, registration_id: UUID, number: str, charge: ChargeResult
) -> None:
    facts = BookingFacts(
        booking_number=number,
        price_cents=12_000,
        currency="USD",
        first_request_at=datetime.now(UTC),
        lateness_ms=3,
        queue_delay_ms=40,
        attempts=1,
    )
    await _ended(
        records,
        registration_id,
        RegistrationStatus.COMPLETED,
        booking=facts,
        charge=charge,
        fence=1,
    )


async def sold_out(records: Records, registration_id: UUID) -> None:
    await claimed(records, registration_id)
    await _ended(
        records,
        registration_id,
        RegistrationStatus.FAILED,
        failure_code=FailureCode.SOLD_OUT,
        message=SOLD_OUT,
    )


async def reviewed(records: Records, registration_id: UUID) -> None:
    """Nobody can tell whether it was booked."""
    await claimed(records, registration_id)
    await _ended(
        records,
        registration_id,
        RegistrationStatus.NEEDS_REVIEW,
        fence=1,
        message="The organiser's system did not answer clearly.",
    )


async def cancelled(records: Records, registration_id: UUID) -> None:
    row = await records.registration(registration_id)
    await records.cancel(
        CancelOrder(
            registration_id=row.id, expected_version=row.version, operation_key=f"cancel/{row.id}"
        )
    )


async def given_back(records: Records, registration_id: UUID) -> None:
    await booked(records, registration_id)
    facts = {
        "registration_id": registration_id,
        "by": CancelledBy.PARENT,
        "reason": RefundReason.CANCELLATION_ACCEPTED,
    }
    await records.booking_cancelled(
        BookingCancelledOrder.model_validate(
            {**facts, "operation_key": f"given-back/{registration_id}"}
        )
    )
    await records.finish_cancellation(
        CancelledOrder.model_validate({**facts, "operation_key": f"finish/{registration_id}"})
    )


async def _ended(
    records: Records, registration_id: UUID, status: RegistrationStatus, **outcome: object
) -> None:
    row = await records.registration(registration_id)
    await records.record_outcome(
        OutcomeOrder.model_validate(
            {
                "registration_id": row.id,
                "expected_version": row.version,
                "operation_key": f"outcome/{row.id}",
                "status": status,
                **outcome,
            }
        )
    )
