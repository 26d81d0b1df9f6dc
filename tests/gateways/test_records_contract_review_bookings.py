"""A booking that a person found is one registration's, and charged for once."""

from uuid import uuid4

import pytest

from domain.alerts import AlertKind
from domain.errors import Conflict, RecordRejected
from domain.payments import ChargeStatus
from domain.states import AuditKind, RegistrationStatus
from tests.gateways.households import (
    Household,
    booking,
    booking_number,
    declined,
    key,
    paid,
    review,
)
from tests.gateways.reviewed import alerts, booked, in_review, kinds, not_booked


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
