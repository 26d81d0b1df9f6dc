from datetime import UTC, datetime, timedelta

from domain.clocks import ClockReading, Clocks
from domain.contracts import OutcomeOrder, Try
from tests.gateways.households import Household, completion, failure, paid, review

SENDING = {
    "tries": 2,
    "rank": 4,
    "clock_wait_ms": 650,
    "arrival_ms": -1,
    "armed_late": True,
    "clock_offset_ms": -700,
    "clock_uncertainty_ms": 50,
}


def exactly_sent(order: OutcomeOrder) -> OutcomeOrder:
    """The order with all that is known of its sending."""
    now = datetime.now(UTC)
    clock = ClockReading(
        offset=timedelta(milliseconds=-700), uncertainty=timedelta(milliseconds=50), readings=3
    )
    facts = order.booking and order.booking.model_copy(
        update={"rank": 4, "clock_wait_ms": 650, "arrival_ms": -1, "armed_late": True}
    )
    tries = (Try(sent_at=now, answer="NotOpenYet"), Try(sent_at=now, answer="Booked"))
    known = {"booking": facts, "tries": tries, "clocks": Clocks(provider=clock)}
    return order.model_copy(update=known)


async def test_the_trail_says_how_exactly_it_was_booked(family: Household) -> None:
    row = await family.sent()
    await family.charge(row)
    await family.records.record_outcome(exactly_sent(completion(row, paid())))
    done = await family.records.registration(row.id)
    event = (await family.records.audit_trail(row.id))[-1]
    assert event.detail == {
        "booking_number": done.booking_number,
        "receipt_code": done.receipt_code,
        "fee_status": "paid",
        "charge_number": 1,
        "charged_cents": 2_000,
        "price_cents": 25_000,
        "currency": "USD",
        **SENDING,
    }
    assert (await family.records.verify_audit(row.id)).holds


async def test_the_trail_says_how_exactly_it_was_tried_without_a_booking(
    family: Household, other_family: Household
) -> None:
    row, unclear = await family.sent(), await other_family.sent()
    nothing = dict.fromkeys(("rank", "clock_wait_ms", "arrival_ms", "armed_late"))
    await family.records.record_outcome(exactly_sent(failure(row)))
    event = (await family.records.audit_trail(row.id))[-1]
    known = {"from": "executing", "failure_code": "sold_out", "closed": [1]}
    assert event.detail == {**known, **SENDING, **nothing}
    await family.records.record_outcome(review(unclear))
    event = (await family.records.audit_trail(unclear.id))[-1]
    unknown = {"clock_offset_ms": None, "clock_uncertainty_ms": None}
    asked = {"fence": None, "booking_number": None, "cause": "unspecified"}
    assert event.detail == {**asked, "tries": 0, **nothing, **unknown}
