import re
from datetime import UTC, datetime, timedelta

import pytest

from domain.contracts import ChargeResult, FeeOrder
from domain.errors import Conflict, RecordRejected
from domain.states import FailureCode, FeeStatus, RegistrationStatus
from tests.gateways.households import (
    Household,
    booking,
    completion,
    declined,
    failure,
    key,
    paid,
    review,
)

RECEIPT = re.compile(r"REG-[A-HJKMNP-TV-Z2-9]{8}")


async def test_a_completed_registration_holds_its_booking_and_a_receipt(family: Household) -> None:
    row = await family.sent()
    facts = booking(row)
    await family.charge(row)
    standing = await family.records.record_outcome(completion(row, paid(), facts))
    done = await family.records.registration(row.id)
    assert standing.status is done.status is RegistrationStatus.COMPLETED
    assert standing.fee_status is done.fee_status is FeeStatus.PAID
    assert standing.version == done.version == row.version + 1
    assert standing.audit_head == done.audit_head
    assert standing.receipt_code == done.receipt_code
    assert RECEIPT.fullmatch(done.receipt_code or "")
    assert done.booking_number == facts.booking_number
    assert done.price_cents == 25_000
    assert done.first_request_at == facts.first_request_at
    assert (done.lateness_ms, done.queue_delay_ms) == (3, 40)
    assert await family.records.registration_by_code(done.receipt_code or "") == done


async def test_the_receipt_says_what_was_booked_and_what_was_charged(
    family: Household, other_family: Household
) -> None:
    row = await family.completed(paid())
    (receipt,) = await family.records.receipts(family.user_id, 10)
    assert receipt.receipt_code == row.receipt_code
    assert receipt.scheduled_registration_id == row.id
    assert receipt.code == row.code
    assert (receipt.program_name, receipt.organisation) == ("Swimming", "Community Pool")
    assert receipt.booking_number == row.booking_number
    assert (receipt.price_cents, receipt.currency) == (25_000, "USD")
    assert (receipt.success_fee_cents, receipt.fee_status) == (2_000, FeeStatus.PAID)
    assert receipt.first_request_at == row.first_request_at
    assert (receipt.lateness_ms, receipt.queue_delay_ms) == (3, 40)
    assert abs(receipt.issued_at - datetime.now(UTC)) < timedelta(minutes=1)
    assert await family.records.receipts(other_family.user_id, 10) == []
    assert receipt in await family.records.all_receipts(1_000)


async def test_receipts_are_listed_latest_first(family: Household, other_family: Household) -> None:
    early = await family.completed(paid())
    late = await other_family.completed(paid())
    mine = {early.receipt_code, late.receipt_code}
    listed = [
        receipt.receipt_code
        for receipt in await family.records.all_receipts(1_000)
        if receipt.receipt_code in mine
    ]
    assert listed == [late.receipt_code, early.receipt_code]
    assert len(await family.records.all_receipts(1)) == 1


async def test_an_outcome_repeated_with_its_key_gives_the_first_answer(family: Household) -> None:
    row = await family.sent()
    await family.charge(row)
    order = completion(row, declined())
    first = await family.records.record_outcome(order)
    await family.records.settle_fee(
        FeeOrder(
            registration_id=row.id,
            expected_version=first.version,
            operation_key=key("fee"),
            charge=ChargeResult(fee_status=FeeStatus.DUE),
        )
    )
    assert await family.records.record_outcome(order) == first
    assert len(await family.records.receipts(family.user_id, 10)) == 1


async def test_a_place_is_booked_even_when_the_fee_is_due(family: Household) -> None:
    row = await family.completed(declined())
    assert row.status is RegistrationStatus.COMPLETED
    assert row.fee_status is FeeStatus.DUE
    (receipt,) = await family.records.receipts(family.user_id, 10)
    assert receipt.fee_status is FeeStatus.DUE


async def test_a_price_in_another_currency_does_not_stand_beside_our_fee(
    family: Household,
) -> None:
    row = await family.sent()
    await family.charge(row)
    foreign = booking(row).model_copy(update={"currency": "EUR"})
    await family.records.record_outcome(completion(row, paid(), foreign))
    assert (await family.records.registration(row.id)).price_cents is None
    (receipt,) = await family.records.receipts(family.user_id, 10)
    assert (receipt.price_cents, receipt.currency) == (None, "USD")


async def test_a_booking_has_one_receipt(family: Household, other_family: Household) -> None:
    taken = await family.completed(paid())
    row = await other_family.sent()
    facts = booking(row).model_copy(update={"booking_number": taken.booking_number})
    with pytest.raises(RecordRejected):
        await family.records.record_outcome(completion(row, None, facts))
    assert (await family.records.registration(row.id)).status is RegistrationStatus.EXECUTING


@pytest.mark.parametrize(
    ("claimed", "code"),
    [
        (ChargeResult(fee_status=FeeStatus.PAID), "charge_mismatch"),
        (paid().model_copy(update={"fee_status": FeeStatus.DUE}), "charge_mismatch"),
        (paid(7), "charge_missing"),
    ],
)
async def test_a_fee_is_what_its_charge_says(
    family: Household, claimed: ChargeResult, code: str
) -> None:
    row = await family.sent()
    await family.charge(row)
    with pytest.raises(RecordRejected) as refused:
        await family.records.record_outcome(completion(row, claimed))
    assert refused.value.code == code
    assert (await family.records.registration(row.id)).status is RegistrationStatus.EXECUTING


async def test_a_completed_registration_needs_its_booking(family: Household) -> None:
    row = await family.sent()
    order = completion(row, None).model_copy(update={"booking": None})
    with pytest.raises(RecordRejected):
        await family.records.record_outcome(order)
    assert (await family.records.registration(row.id)).status is RegistrationStatus.EXECUTING


async def test_a_failed_registration_says_why_and_closes_its_markers(family: Household) -> None:
    row = await family.sent()
    standing = await family.records.record_outcome(failure(row))
    failed = await family.records.registration(row.id)
    assert standing.status is failed.status is RegistrationStatus.FAILED
    assert failed.failure_code is FailureCode.SOLD_OUT
    assert failed.error_message == "Every place was taken."
    assert failed.fee_status is FeeStatus.NOT_DUE
    assert failed.receipt_code is None
    assert await family.records.receipts(family.user_id, 10) == []


async def test_what_was_booked_is_called_failed_by_a_person_alone(family: Household) -> None:
    row = await family.sent()
    await family.charge(row)

    with pytest.raises(Conflict):
        await family.records.record_outcome(failure(row))

    assert (await family.records.registration(row.id)).status is RegistrationStatus.EXECUTING
    standing = await family.records.record_outcome(review(row))
    assert standing.status is RegistrationStatus.NEEDS_REVIEW


async def test_a_pending_registration_can_fail_but_not_complete(family: Household) -> None:
    row = await family.pending()
    with pytest.raises(Conflict):
        await family.records.record_outcome(completion(row, None))
    with pytest.raises(Conflict):
        await family.records.record_outcome(review(row))
    standing = await family.records.record_outcome(failure(row))
    assert standing.status is RegistrationStatus.FAILED


async def test_an_unclear_outcome_keeps_the_children_and_waits_for_a_person(
    family: Household,
) -> None:
    row = await family.sent()
    standing = await family.records.record_outcome(review(row))
    assert standing.status is RegistrationStatus.NEEDS_REVIEW
    draft = await family.draft()
    assert (await family.records.dossier(draft.id)).rivals != ()


async def test_an_outcome_is_written_once_and_for_the_version_seen(family: Household) -> None:
    row = await family.sent()
    with pytest.raises(Conflict):
        await family.records.record_outcome(
            failure(row.model_copy(update={"version": row.version - 1}))
        )
    await family.records.record_outcome(failure(row))
    with pytest.raises(Conflict):
        await family.records.record_outcome(failure(await family.records.registration(row.id)))


async def test_a_draft_has_no_outcome(family: Household) -> None:
    with pytest.raises(Conflict):
        await family.records.record_outcome(failure(await family.draft()))
