from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from domain.alerts import AlertKind
from domain.contracts import ChargeResult, Try
from domain.errors import Conflict, RecordMissing, RecordRejected
from domain.identifiers import review_alert_key
from domain.money import Money
from domain.payments import ChargeStatus
from domain.registrations import Registration
from domain.review import ReviewDecision, ReviewOutcome, ShownBooking
from domain.review_causes import ReviewCause
from domain.states import AuditKind, FailureCode, FeeStatus, RegistrationStatus
from gateways.protocols.records import Records
from tests.gateways.households import (
    Household,
    booking,
    booking_number,
    declined,
    key,
    paid,
    review,
)

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


async def letters(family: Household, row: Registration) -> list[str]:
    return [letter.kind.value for letter in await family.records.unsent(row.id)]


async def test_what_waits_for_a_person_tells_cause_evidence_attempts_and_raises_an_alert(
    family: Household,
) -> None:
    row = await in_review(
        family,
        fence=1,
        cause=ReviewCause.REFUSED_AFTER_LOST_SEND,
        refused_as=FailureCode.SOLD_OUT,
        tries=(Try(sent_at=SENT_AT, answer="UnknownOutcome"),),
    )

    case = await family.records.review_case(row.id)

    assert case is not None
    assert (case.cause, case.refused_as) == ("refused_after_lost_send", "sold_out")
    assert case.evidence == "read time-out after 512 bytes"
    assert abs(case.since - datetime.now(UTC)) < timedelta(minutes=1)
    (attempt,) = case.attempts
    assert (attempt.fence, attempt.send_at) == (1, row.scheduled_time)
    assert (attempt.outcome, attempt.evidence) == (None, "read time-out after 512 bytes")
    assert [(sent.sent_at, sent.answer) for sent in attempt.requests] == [
        (SENT_AT, "UnknownOutcome")
    ]
    assert (case.charges, case.resolution) == ((), None)
    assert await alerts(family, row) == [AlertKind.REVIEW_WAITING]


async def test_evidence_is_kept_where_no_marker_is_open_to_hold_it(family: Household) -> None:
    row = await family.executing()
    await family.records.record_outcome(review(row))

    case = await family.records.review_case(row.id)

    assert case is not None
    assert (case.cause, case.attempts) == (ReviewCause.UNSPECIFIED, ())
    assert case.evidence == "read time-out after 512 bytes"


async def test_there_is_no_case_where_nobody_need_decide(family: Household) -> None:
    row = await family.pending()
    assert await family.records.review_case(row.id) is None
    with pytest.raises(RecordMissing):
        await family.records.review_case(uuid4())


async def test_what_was_booked_after_all_is_completed_with_its_receipt(family: Household) -> None:
    row = await in_review(family)
    assert await family.charge(row) is not None

    standing = await family.records.resolve_review(booked(row, charge=paid()))

    done = await family.records.registration(row.id)
    assert standing.status is done.status is RegistrationStatus.COMPLETED
    assert (done.fee_status, done.booking_number) == (FeeStatus.PAID, booking_number(row))
    assert done.receipt_code == standing.receipt_code is not None
    assert (await kinds(family, row))[-5:] == [
        "needs_review",
        "booked",
        "fee_frozen",
        "review_resolved",
        "completed",
    ]
    trail = await family.records.audit_trail(row.id)
    assert standing.audit_head == trail[-1].hash
    assert trail[-2].detail == {
        "decision": "booked",
        "by": "kim",
        "booking_number": booking_number(row),
        "another_reference": False,
        "fee_returned": False,
        "failure_code": None,
        "closed": [],
        "shown": [
            {
                "booking_number": "B-1",
                "ours": True,
                "accepted": True,
                "cancelled": True,
                "created_at": "2026-12-01T14:00:00.000000Z",
                "price_cents": 12_000,
                "currency": "USD",
            }
        ],
    }
    assert (await family.records.verify_audit(row.id)).holds
    assert await letters(family, row) == ["scheduled", "under_review", "booked"]
    assert await alerts(family, row) == []
    case = await family.records.review_case(row.id)
    assert case is not None
    assert case.resolution is not None
    assert (case.resolution.decision, case.resolution.by) == ("booked", "kim")
    assert case.resolution.booking_number == booking_number(row)
    assert [charge.status for charge in case.charges] == [ChargeStatus.SUCCEEDED]
    assert [attempt.outcome for attempt in case.attempts] == ["booked"]


async def test_what_was_not_booked_fails_and_frees_the_children(family: Household) -> None:
    row = await in_review(family)

    standing = await family.records.resolve_review(not_booked(row))

    failed = await family.records.registration(row.id)
    assert standing.status is failed.status is RegistrationStatus.FAILED
    assert failed.failure_code is FailureCode.MISSED_WINDOW
    assert failed.error_message == "There is no booking for you."
    assert failed.fee_status is FeeStatus.NOT_DUE
    case = await family.records.review_case(row.id)
    assert case is not None
    (attempt,) = case.attempts
    assert (attempt.outcome, attempt.evidence) == (
        "nothing_found",
        "read time-out after 512 bytes",
    )
    trail = await family.records.audit_trail(row.id)
    assert [event.kind for event in trail[-2:]] == ["review_resolved", "failed"]
    assert trail[-2].detail["closed"] == [1]
    assert (await family.records.verify_audit(row.id)).holds
    assert await letters(family, row) == ["scheduled", "under_review", "not_booked"]
    assert await alerts(family, row) == []
    draft = await family.draft()
    assert (await family.records.dossier(draft.id)).rivals == ()


async def test_a_decision_repeated_with_its_key_gives_the_first_answer(family: Household) -> None:
    row = await in_review(family)
    order = not_booked(row)

    first = await family.records.resolve_review(order)

    assert await family.records.resolve_review(order) == first
    assert (await kinds(family, row)).count(AuditKind.REVIEW_RESOLVED) == 1


async def test_a_decision_is_taken_once_and_only_of_what_waits(family: Household) -> None:
    executing = await family.sent()
    with pytest.raises(Conflict):
        await family.records.resolve_review(not_booked(executing))
    await family.records.record_outcome(review(executing))
    row = await family.records.registration(executing.id)
    with pytest.raises(Conflict):
        await family.records.resolve_review(not_booked(row, expected_version=row.version - 1))
    await family.records.resolve_review(not_booked(row))
    with pytest.raises(Conflict):
        await family.records.resolve_review(booked(row))


async def test_a_booking_that_has_a_receipt_is_nobody_elses(
    family: Household, other_family: Household
) -> None:
    theirs = await other_family.completed(paid())
    row = await in_review(family)
    taken = booking(row).model_copy(update={"booking_number": theirs.booking_number})
    assert await family.records.booking_owner(row.id, taken.booking_number) == theirs.code
    assert await family.records.booking_owner(theirs.id, taken.booking_number) is None

    with pytest.raises(RecordRejected) as charged:
        await family.records.open_charge(row.id, 1, 0, taken.booking_number, key("charge"))
    with pytest.raises(RecordRejected) as refused:
        await family.records.resolve_review(booked(row, booking=taken))

    assert charged.value.code == refused.value.code == "booking_taken"
    assert await family.records.registration(row.id) == row
    assert (await kinds(family, row))[-1] is AuditKind.NEEDS_REVIEW
    assert await alerts(family, row) == [AlertKind.REVIEW_WAITING]


async def test_two_reviews_never_charge_for_one_booking(
    family: Household, other_family: Household
) -> None:
    mine, theirs = await in_review(family), await in_review(other_family)
    await family.charge(mine)

    with pytest.raises(RecordRejected) as refused:
        await family.records.open_charge(theirs.id, 1, 0, booking_number(mine), key("charge"))

    assert refused.value.code == "booking_taken"
    assert await family.records.booking_owner(theirs.id, booking_number(mine)) == mine.code


async def test_another_booking_than_the_one_recorded_is_not_taken(family: Household) -> None:
    row = await in_review(family)
    await family.charge(row)
    other = booking(row).model_copy(update={"booking_number": f"B-{uuid4()}"})

    with pytest.raises(Conflict):
        await family.records.resolve_review(booked(row, booking=other))

    assert (await family.records.registration(row.id)).status is RegistrationStatus.NEEDS_REVIEW


async def test_a_charge_for_what_a_person_found_needs_no_marker(family: Household) -> None:
    row = await family.executing()
    await family.records.record_outcome(review(row))
    number = f"B-{uuid4()}"

    frozen, _ = await family.records.open_charge(row.id, 1, 0, number, key("charge"))

    assert frozen is not None
    facts = booking(row).model_copy(update={"booking_number": number})
    now = await family.records.registration(row.id)
    order = booked(now, booking=facts, charge=declined())
    await family.records.resolve_review(order)
    again, _ = await family.records.open_charge(row.id, 2, 0, number, key("charge"))
    assert (frozen.number, again and again.number) == (1, 2)


async def test_a_fee_that_was_sent_must_come_back_before_it_is_called_not_booked(
    family: Household,
) -> None:
    row = await in_review(family)
    await family.charge(row)

    with pytest.raises(RecordRejected) as refused:
        await family.records.resolve_review(not_booked(row))
    assert refused.value.code == "fee_charged"
    assert (await family.records.registration(row.id)).status is RegistrationStatus.NEEDS_REVIEW

    await family.records.resolve_review(not_booked(row, fee_returned=True))

    case = await family.records.review_case(row.id)
    assert case is not None
    assert [charge.status for charge in case.charges] == [ChargeStatus.DECLINED]
    (letter,) = [one for one in await family.records.unsent(row.id) if one.kind == "not_booked"]
    assert letter.facts["fee"] == "returned"


async def test_a_number_that_was_no_booking_is_forgotten(family: Household) -> None:
    sent = await family.sent()
    await family.records.record_outcome(review(sent).model_copy(update={"booking": booking(sent)}))
    row = await family.records.registration(sent.id)
    assert row.booking_number == booking_number(sent)

    await family.records.resolve_review(not_booked(row))

    assert (await family.records.registration(row.id)).booking_number is None


async def test_a_decision_must_say_enough(family: Household) -> None:
    row = await in_review(family)
    for incomplete in (not_booked(row, failure_code=None), booked(row, booking=None)):
        with pytest.raises(RecordRejected):
            await family.records.resolve_review(incomplete)
    assert await family.records.registration(row.id) == row


async def test_a_review_of_nothing_is_missing(records: Records, family: Household) -> None:
    row = await in_review(family)
    with pytest.raises(RecordMissing):
        await records.resolve_review(not_booked(row, registration_id=uuid4()))
