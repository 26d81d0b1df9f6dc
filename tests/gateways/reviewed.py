"""Registrations that wait for a person, and decisions of them."""

from datetime import UTC, datetime

from domain.alerts import AlertKind
from domain.contracts import ChargeResult
from domain.identifiers import review_alert_key
from domain.money import Money
from domain.registrations import Registration
from domain.review import ReviewDecision, ReviewOutcome, ShownBooking
from domain.states import AuditKind, FailureCode, FeeStatus
from tests.gateways.households import Household, booking, key, review

DUE = ChargeResult(fee_status=FeeStatus.DUE)
SENT_AT = datetime(2026, 12, 1, 14, tzinfo=UTC)
SHOWN = ShownBooking(
    booking_number="B-1",
    ours=True,
    accepted=True,
    cancelled=True,
    created_at=SENT_AT,
    price=Money(amount_cents=12_000),
)


async def in_review(family: Household, **changes: object) -> Registration:
    row = await family.sent()
    await family.records.record_outcome(review(row).model_copy(update=changes))
    return await family.records.registration(row.id)


def decided(row: Registration, decision: ReviewDecision, **changes: object) -> ReviewOutcome:
    booked = decision is ReviewDecision.BOOKED
    order = ReviewOutcome(
        registration_id=row.id,
        expected_version=row.version,
        operation_key=key("review"),
        decision=decision,
        by="kim",
        booking=booking(row) if booked else None,
        charge=DUE if booked else None,
        failure_code=None if booked else FailureCode.MISSED_WINDOW,
        message=None if booked else "There is no booking for you.",
        shown=(SHOWN,),
    )
    return order.model_copy(update=changes)


def booked(row: Registration, **changes: object) -> ReviewOutcome:
    return decided(row, ReviewDecision.BOOKED, **changes)


def not_booked(row: Registration, **changes: object) -> ReviewOutcome:
    return decided(row, ReviewDecision.NOT_BOOKED, **changes)


async def alerts(family: Household, row: Registration) -> list[AlertKind]:
    listed = await family.records.open_alerts(10_000)
    return [found.kind for found in listed if found.key == review_alert_key(row.id)]


async def kinds(family: Household, row: Registration) -> list[AuditKind]:
    return [event.kind for event in await family.records.audit_trail(row.id)]
