from datetime import timedelta
from uuid import UUID

import pytest

from domain.cancellation import CancelledBy, NewWish
from domain.errors import Conflict
from domain.refunds import RefundReason
from domain.registrations import Registration
from domain.states import NotificationKind
from domain.sweeps import RunSweep
from gateways.protocols.records import Records
from tests.gateways.households import Household, key, paid
from tests.gateways.test_records_contract_cancellations import begin_now, cancelled, no_more

AT_ONCE = RunSweep(wish_age=timedelta(), wish_every=timedelta(), limit=10_000)


def wanted(row: Registration, by: CancelledBy = CancelledBy.PARENT) -> NewWish:
    return NewWish(registration_id=row.id, by=by, reason=RefundReason.CANCELLATION_ACCEPTED)


async def to_check(records: Records, row: Registration, sweep: RunSweep = AT_ONCE) -> list[UUID]:
    found = await records.wishes_to_check(sweep)
    return [one.registration_id for one in found if one.registration_id == row.id]


async def test_a_wish_is_kept_as_it_came_first_and_handed_out_until_it_came_through(
    records: Records, family: Household
) -> None:
    row = await family.completed(paid())
    assert await records.cancellation_wish(row.id) is None
    await records.keep_wish(wanted(row))
    first = await records.cancellation_wish(row.id)
    assert first is not None
    assert NewWish.model_validate(first.model_dump(exclude={"asked_at"})) == wanted(row)
    await records.keep_wish(wanted(row, CancelledBy.OPERATOR))
    assert await records.cancellation_wish(row.id) == first

    assert await to_check(records, row) == [row.id]
    await records.booking_cancelled(no_more(row))
    assert await to_check(records, row) == [row.id]
    await records.finish_cancellation(cancelled(row))
    assert await to_check(records, row) == []
    assert await records.cancellation_wish(row.id) == first


async def test_a_wish_is_left_alone_while_it_is_young_and_after_each_look(
    records: Records, family: Household
) -> None:
    row = await family.completed(paid())
    await records.keep_wish(wanted(row))
    hour = timedelta(hours=1)
    assert await to_check(records, row, AT_ONCE.model_copy(update={"wish_age": hour})) == []
    every_hour = AT_ONCE.model_copy(update={"wish_every": hour})
    assert await to_check(records, row, every_hour) == [row.id]
    assert await to_check(records, row, every_hour) == []
    assert await to_check(records, row) == [row.id]


async def test_a_wish_that_was_refused_is_forgotten_and_one_carried_out_is_not(
    records: Records, family: Household
) -> None:
    row = await family.completed(paid())
    for _ in range(2):
        await records.drop_wish(row.id)
    await records.keep_wish(wanted(row))
    await records.drop_wish(row.id)
    assert await records.cancellation_wish(row.id) is None
    await records.keep_wish(wanted(row))
    await records.booking_cancelled(no_more(row))
    await records.drop_wish(row.id)
    assert await records.cancellation_wish(row.id) is not None


@pytest.mark.parametrize("by", [CancelledBy.PARENT, CancelledBy.OPERATOR])
async def test_only_a_parent_is_written_to_whose_wish_was_refused(
    records: Records, family: Household, by: CancelledBy
) -> None:
    row = await family.completed(paid())
    before = await records.unsent(row.id)
    await records.keep_wish(wanted(row, by))
    for _ in range(2):
        await records.drop_wish(row.id, "The organiser does not take it back.")
    letters = (await records.unsent(row.id))[len(before) :]
    told = [(one.kind, one.facts["message"]) for one in letters]
    wanted_back = [(NotificationKind.NOT_GIVEN_BACK, "The organiser does not take it back.")]
    assert told == (wanted_back if by is CancelledBy.PARENT else [])


async def test_only_a_booking_can_be_wished_back(records: Records, family: Household) -> None:
    row = await family.pending()
    with pytest.raises(Conflict):
        await records.keep_wish(wanted(row))


async def test_the_fee_is_judged_by_the_moment_of_the_wish(
    records: Records, family: Household
) -> None:
    row = await family.completed(paid())
    await records.keep_wish(wanted(row))
    await begin_now(family)
    await records.booking_cancelled(no_more(row))

    opened = await records.open_refund(row.id, key("refund"))

    assert (opened.kept, opened.refund is not None) == (None, True)


async def test_a_wish_of_somebody_here_counts_before_what_the_organiser_is_thought_to_have_done(
    records: Records, family: Household, other_family: Household
) -> None:
    row, gone = await family.completed(paid()), await other_family.completed(paid())
    for one in (row, gone):
        await records.keep_wish(wanted(one, CancelledBy.PROVIDER))
    await records.booking_cancelled(no_more(gone))
    for one in (row, gone):
        await records.keep_wish(wanted(one))

    kept = [await records.cancellation_wish(one.id) for one in (row, gone)]

    assert [one.by if one else None for one in kept] == [CancelledBy.PARENT, CancelledBy.PROVIDER]
