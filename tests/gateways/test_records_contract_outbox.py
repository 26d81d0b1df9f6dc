import asyncio
from datetime import timedelta

import pytest

from domain.contracts import CancelOrder, ChargeResult, FeeOrder, OutcomeOrder, RescheduleOrder
from domain.refusals import Reason
from domain.registrations import Registration
from domain.states import FeeStatus, RegistrationStatus
from gateways.protocols.records import Records
from tests.gateways.households import Household, declined, failure, key, paid


async def untold(records: Records, row: Registration) -> list[str]:
    return [letter.kind.value for letter in await records.unsent(row.id)]


def cancel_order(row: Registration) -> CancelOrder:
    return CancelOrder(
        registration_id=row.id, expected_version=row.version, operation_key=key("cancel")
    )


async def test_a_draft_is_nothing_to_write_about_even_when_cancelled(family: Household) -> None:
    row = await family.draft()
    assert await untold(family.records, row) == []
    await family.records.cancel(cancel_order(row))
    assert await untold(family.records, row) == []


async def test_a_parent_is_told_of_each_change_in_order(family: Household) -> None:
    row = await family.pending()
    await family.records.reschedule(
        RescheduleOrder(
            registration_id=row.id,
            expected_version=row.version,
            operation_key=key("reschedule"),
            scheduled_time=row.scheduled_time + timedelta(days=1),
            time_zone=row.time_zone,
        )
    )
    await family.records.cancel(cancel_order(await family.records.registration(row.id)))
    assert await untold(family.records, row) == ["scheduled", "rescheduled", "cancelled"]


async def test_a_letter_marked_sent_is_not_listed_again(family: Household) -> None:
    row = await family.completed(declined())
    scheduled, *rest = await family.records.unsent(row.id)
    assert scheduled.registration_id == row.id
    for _ in range(2):
        await family.records.mark_sent(scheduled.id)
    assert await family.records.unsent(row.id) == rest


async def test_letters_of_one_registration_are_not_listed_with_anothers(
    family: Household, other_family: Household
) -> None:
    mine, theirs = await family.pending(), await other_family.pending()
    (letter,) = await family.records.unsent(mine.id)
    assert letter not in await family.records.unsent(theirs.id)


async def test_what_stands_in_the_way_is_told_once_in_sentences(family: Household) -> None:
    row, again = await family.pending(), key("look")
    problems = (
        Reason(code="no_card", sentence="No card is saved."),
        Reason(code="over_cap", sentence="It costs more than your limit."),
    )
    await asyncio.gather(*(family.records.note_problems(row.id, problems, again) for _ in range(3)))
    assert await untold(family.records, row) == ["scheduled", "problem_ahead"]
    ahead = (await family.records.unsent(row.id))[1]
    assert ahead.facts["message"] == "No card is saved. It costs more than your limit."
    assert (await family.records.registration(row.id)).version == row.version


async def test_a_booked_place_is_told(family: Household) -> None:
    booked = await family.completed(paid())
    assert await untold(family.records, booked) == ["scheduled", "booked"]


async def test_a_due_fee_is_told_besides_the_booking_and_then_its_payment(
    family: Household,
) -> None:
    row = await family.completed(declined())
    assert await untold(family.records, row) == ["scheduled", "booked", "fee_due"]
    await family.charge(row, number=2)
    await family.records.settle_fee(
        FeeOrder(
            registration_id=row.id,
            expected_version=row.version,
            operation_key=key("fee"),
            charge=paid(2),
        )
    )
    assert (await untold(family.records, row))[-1] == "fee_paid"


async def test_a_fee_that_fails_again_is_told_again(family: Household) -> None:
    row = await family.completed(declined())
    await family.records.settle_fee(
        FeeOrder(
            registration_id=row.id,
            expected_version=row.version,
            operation_key=key("fee"),
            charge=ChargeResult(fee_status=FeeStatus.DUE),
        )
    )
    assert (await untold(family.records, row))[-2:] == ["fee_due", "fee_due"]


async def test_a_failure_is_told(family: Household) -> None:
    row = await family.pending()
    await family.records.record_outcome(failure(row))
    assert await untold(family.records, row) == ["scheduled", "not_booked"]


def handed_over(row: Registration) -> OutcomeOrder:
    return OutcomeOrder(
        registration_id=row.id,
        expected_version=row.version,
        operation_key=key("outcome"),
        status=RegistrationStatus.NEEDS_REVIEW,
    )


async def test_an_unclear_outcome_is_told(family: Household) -> None:
    row = await family.executing()
    await family.records.record_outcome(handed_over(row))
    assert await untold(family.records, row) == ["scheduled", "under_review"]


@pytest.mark.parametrize(("charged", "facts"), [(False, {}), (True, {"fee": "open"})])
async def test_an_unclear_outcome_is_told_with_the_charge_that_may_have_been_made(
    family: Household, charged: bool, facts: dict[str, str]
) -> None:
    row = await family.sent()
    if charged:
        await family.charge(row)
    await family.records.record_outcome(handed_over(row))
    *_, letter = await family.records.unsent(row.id)
    assert letter.facts == facts
