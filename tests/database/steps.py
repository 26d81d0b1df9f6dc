"""What can be done to a registration, each as one call."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from domain.contracts import (
    BookingFacts,
    CancelOrder,
    ChargeResult,
    ClaimOrder,
    FeeOrder,
    OutcomeOrder,
    RescheduleOrder,
)
from domain.payments import ChargeOutcome, ChargeStatus
from domain.registrations import Registration
from domain.states import FailureCode, FeeStatus, RegistrationStatus
from tests.database.door import Door

MANDATE_LASTS = timedelta(days=40)
TOKEN = "header.claims.signature"
"""In the place of a signed mandate: the database verifies none."""

Step = Callable[[Door, Registration], Any]
"""Something done to a registration."""


def key(step: str = "step") -> str:
    """An operation key nobody else uses."""
    return f"test/{step}/{uuid4()}"


def confirm(door: Door, row: Registration, operation_key: str | None = None) -> Any:
    return door.call(
        "confirm_registration",
        registration_id=row.id,
        expected_version=row.version,
        mandate_valid_until=row.scheduled_time + MANDATE_LASTS,
        operation_key=operation_key or key("confirm"),
    )


def confirm_signed(door: Door, row: Registration) -> Any:
    return door.call(
        "confirm_registration",
        registration_id=row.id,
        expected_version=row.version,
        mandate_valid_until=row.scheduled_time + MANDATE_LASTS,
        operation_key=key("confirm"),
        mandate_id=uuid4(),
        mandate_token=TOKEN,
    )


def claim(door: Door, row: Registration, operation_key: str | None = None) -> Any:
    order = ClaimOrder(
        registration_id=row.id,
        expected_version=row.version,
        operation_key=operation_key or key("claim"),
    )
    return door.call("claim_registration", order=order)


def reschedule(door: Door, row: Registration, operation_key: str | None = None) -> Any:
    order = RescheduleOrder(
        registration_id=row.id,
        expected_version=row.version,
        operation_key=operation_key or key("reschedule"),
        scheduled_time=row.scheduled_time + timedelta(hours=1),
        time_zone="Europe/Berlin",
    )
    return door.call("reschedule_registration", order=order)


def cancel(door: Door, row: Registration, operation_key: str | None = None) -> Any:
    order = CancelOrder(
        registration_id=row.id,
        expected_version=row.version,
        operation_key=operation_key or key("cancel"),
    )
    return door.call("cancel_registration", order=order)


def revoke(door: Door, row: Registration, operation_key: str | None = None) -> Any:
    return door.call(
        "revoke_mandate", registration_id=row.id, operation_key=operation_key or key("revoke")
    )


def open_attempt(door: Door, row: Registration, operation_key: str | None = None) -> Any:
    return door.call(
        "open_attempt",
        registration_id=row.id,
        send_at=row.scheduled_time,
        operation_key=operation_key or key("attempt"),
    )


def close_attempt(door: Door, row: Registration, outcome: str, fence: int = 1) -> Any:
    return door.call(
        "close_attempt", registration_id=row.id, fence=fence, outcome=outcome, evidence=None
    )


def open_charge(
    door: Door, row: Registration, operation_key: str | None = None, number: int = 1
) -> Any:
    return door.call(
        "open_charge",
        registration_id=row.id,
        number=number,
        fence=1,
        booking_number=f"B-{row.code}",
        operation_key=operation_key or key("charge"),
    )


def record_completed(door: Door, row: Registration, operation_key: str | None = None) -> Any:
    return door.call("record_outcome", order=completion(row, fee_due(), operation_key))


def record_failed(door: Door, row: Registration, operation_key: str | None = None) -> Any:
    order = OutcomeOrder(
        registration_id=row.id,
        expected_version=row.version,
        operation_key=operation_key or key("outcome"),
        status=RegistrationStatus.FAILED,
        failure_code=FailureCode.SOLD_OUT,
        message="All places were gone when our request arrived.",
        evidence="409 sold out",
    )
    return door.call("record_outcome", order=order)


def record_needs_review(door: Door, row: Registration, operation_key: str | None = None) -> Any:
    order = OutcomeOrder(
        registration_id=row.id,
        expected_version=row.version,
        operation_key=operation_key or key("outcome"),
        status=RegistrationStatus.NEEDS_REVIEW,
        fence=1,
        message="The organiser's system did not answer clearly.",
        evidence="read time-out after 3 bytes",
    )
    return door.call("record_outcome", order=order)


def settle_fee(door: Door, row: Registration, operation_key: str | None = None) -> Any:
    order = FeeOrder(
        registration_id=row.id,
        expected_version=row.version,
        operation_key=operation_key or key("fee"),
        charge=fee_due(),
    )
    return door.call("settle_fee", order=order)


def completion(
    row: Registration, fee: ChargeResult | None, operation_key: str | None = None
) -> OutcomeOrder:
    return OutcomeOrder(
        registration_id=row.id,
        expected_version=row.version,
        operation_key=operation_key or key("outcome"),
        status=RegistrationStatus.COMPLETED,
        booking=BookingFacts(
            booking_number=f"B-{row.code}",
            price_cents=25_000,
            currency="USD",
            first_request_at=datetime.now(UTC),
            lateness_ms=3,
            queue_delay_ms=40,
            attempts=1,
        ),
        fence=1,
        charge=fee,
    )


def fee_due() -> ChargeResult:
    """No charge could be made."""
    return ChargeResult(fee_status=FeeStatus.DUE)


def fee_paid(number: int = 1) -> ChargeResult:
    return ChargeResult(
        fee_status=FeeStatus.PAID,
        outcome=ChargeOutcome(
            number=number, status=ChargeStatus.SUCCEEDED, payment_intent_id=f"pi_{uuid4().hex}"
        ),
    )


def fee_declined(number: int = 1) -> ChargeResult:
    return ChargeResult(
        fee_status=FeeStatus.DUE,
        outcome=ChargeOutcome(
            number=number, status=ChargeStatus.DECLINED, decline_code="insufficient_funds"
        ),
    )
