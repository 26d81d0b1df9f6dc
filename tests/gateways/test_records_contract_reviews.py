from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from domain.alerts import AlertKind
from domain.contracts import Try
from domain.errors import Conflict, RecordMissing, RecordRejected
from domain.payments import ChargeStatus
from domain.registrations import Registration
from domain.review_causes import ReviewCause
from domain.states import AuditKind, FailureCode, FeeStatus, RegistrationStatus
from gateways.protocols.records import Records
from tests.gateways.households import (
    Household,
    booking,
    booking_number,
    paid,
    review,
)
from tests.gateways.reviewed import SENT_AT, alerts, booked, in_review, kinds, not_booked


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
