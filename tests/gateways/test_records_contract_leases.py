import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from domain.attempts import LEASE_TTL, ArmedBy, LeaseState
from domain.contracts import CancelOrder, ClaimOrder, RescheduleOrder
from domain.errors import RecordMissing, RecordRejected
from domain.registrations import Registration
from gateways.protocols.records import Records
from tests.gateways.households import Household, completion, key, paid

LONG = timedelta(seconds=30)


@pytest.fixture
async def leases(records: Records) -> AsyncIterator[tuple[UUID, UUID]]:
    """Two processes' leases, which do not outlive the test."""
    pair = uuid4(), uuid4()
    yield pair
    for lease_id in pair:
        await records.end_lease(lease_id)


async def armed(family: Household, lease_id: UUID) -> Registration:
    """Executing, with a marker under that lease."""
    row = await family.executing()
    await family.records.open_attempt(row.id, row.scheduled_time, key("attempt"), lease_id)
    return row


async def judged(family: Household, row: Registration) -> list[LeaseState]:
    opened = await family.records.open_attempt(row.id, row.scheduled_time, key("attempt"))
    return [marker.lease for marker in opened.unclosed]


async def wishes(family: Household, lease_id: UUID) -> set[UUID]:
    return set((await family.records.renew_lease(lease_id, LONG)).release_asked)


async def test_a_lease_is_made_renewed_and_counted_until_it_ends(
    records: Records, leases: tuple[UUID, UUID]
) -> None:
    one, other = leases
    first = await records.renew_lease(one, LONG)
    assert abs(first.now - datetime.now(UTC)) < timedelta(minutes=1)
    assert first.release_asked == ()
    assert (await records.renew_lease(one, LEASE_TTL)).holders == first.holders
    await records.renew_lease(one, LONG)
    assert (await records.renew_lease(other, LONG)).holders == first.holders + 1
    for _ in range(2):
        await records.end_lease(other)
    assert (await records.renew_lease(one, LONG)).holders == first.holders
    await records.end_lease(uuid4())


@pytest.mark.parametrize("ttl", [timedelta(), timedelta(hours=1)])
async def test_a_lease_lasts_some_time_and_not_for_ever(records: Records, ttl: timedelta) -> None:
    with pytest.raises(RecordRejected) as refused:
        await records.renew_lease(uuid4(), ttl)
    assert refused.value.code == "bad_ttl"


async def test_a_marker_tells_what_is_known_of_the_process_that_wrote_it(
    family: Household, leases: tuple[UUID, UUID]
) -> None:
    lease_id, records = leases[0], family.records
    await records.renew_lease(lease_id, LONG)
    row = await family.executing()
    soon = datetime.now(UTC) + timedelta(milliseconds=240)
    mine = await records.open_attempt(row.id, soon, key("attempt"), lease_id)
    assert (mine.marker.lease, mine.marker.lease_id) == (LeaseState.HELD, lease_id)
    await records.open_attempt(row.id, row.scheduled_time, key("attempt"), lease_id)
    await records.open_attempt(row.id, row.scheduled_time, key("attempt"))
    await records.open_attempt(row.id, row.scheduled_time, key("attempt"), uuid4())
    none, held = LeaseState.NONE, LeaseState.HELD
    assert await judged(family, row) == [held, held, none, none]
    await records.end_lease(lease_id)
    over, unfired = LeaseState.LAPSED, LeaseState.LAPSED_UNFIRED
    assert await judged(family, row) == [over, unfired, none, none, none]


async def test_an_attempt_repeated_is_told_what_it_was_told_first(
    family: Household, leases: tuple[UUID, UUID]
) -> None:
    row = await armed(family, leases[0])
    again = key("attempt")
    first = await family.records.open_attempt(row.id, row.scheduled_time, again)
    await family.records.renew_lease(leases[0], LONG)
    assert await family.records.open_attempt(row.id, row.scheduled_time, again) == first


async def test_a_wish_to_have_it_back_reaches_the_lease_that_armed_it(
    family: Household, other_family: Household, leases: tuple[UUID, UUID]
) -> None:
    row, other = await armed(family, leases[0]), await armed(other_family, leases[1])
    for _ in range(2):
        await family.records.ask_release(row.id)
    assert await wishes(family, leases[0]) == {row.id}
    assert await wishes(family, leases[1]) == set()
    opened = await family.records.open_attempt(row.id, row.scheduled_time, key("attempt"))
    assert opened.release_asked
    assert await wishes(family, leases[0]) == set()
    opened = await family.records.open_attempt(other.id, row.scheduled_time, key("attempt"))
    assert not opened.release_asked


async def test_a_wish_is_told_no_more_once_the_marker_is_closed(
    family: Household, leases: tuple[UUID, UUID]
) -> None:
    row = await armed(family, leases[0])
    await family.records.ask_release(row.id)
    assert await wishes(family, leases[0]) == {row.id}
    await family.records.close_attempt(row.id, 1, "released", None)
    assert await wishes(family, leases[0]) == set()


async def test_a_wish_changes_neither_version_nor_trail(family: Household) -> None:
    row = await family.executing()
    await family.records.ask_release(row.id)
    assert await family.records.registration(row.id) == row


async def test_a_wish_is_kept_only_while_executing_and_ends_with_the_next_change(
    family: Household, leases: tuple[UUID, UUID]
) -> None:
    records = family.records
    pending = await family.pending()
    await records.ask_release(pending.id)
    row = await family.records.registration(pending.id)
    await family.claim(row)
    opened = await records.open_attempt(row.id, row.scheduled_time, key("attempt"), leases[0])
    assert not opened.release_asked
    await records.ask_release(row.id)
    await records.close_attempt(row.id, 1, "released", None)
    order = RescheduleOrder(
        registration_id=row.id,
        expected_version=row.version + 1,
        operation_key=key("reschedule"),
        scheduled_time=row.scheduled_time + timedelta(hours=1),
        time_zone="Europe/Berlin",
    )
    version = (await records.reschedule(order)).version
    await records.claim(
        ClaimOrder(registration_id=row.id, expected_version=version, operation_key=key("claim"))
    )
    opened = await records.open_attempt(row.id, row.scheduled_time, key("attempt"), leases[0])
    assert not opened.release_asked
    with pytest.raises(RecordMissing):
        await records.ask_release(uuid4())


async def test_a_process_that_comes_back_hears_what_was_taken_over_meanwhile(
    family: Household, other_family: Household, leases: tuple[UUID, UUID]
) -> None:
    gone, successor = leases
    for lease_id in leases:
        await family.records.renew_lease(lease_id, LONG)
    row, kept = await armed(family, gone), await armed(other_family, gone)
    await family.records.end_lease(gone)
    opened = await family.records.open_attempt(
        row.id, row.scheduled_time, key("attempt"), successor
    )
    assert [marker.lease for marker in opened.unclosed] == [LeaseState.LAPSED_UNFIRED]
    # The answer may be lost on its way, so it is given again.
    for _ in range(2):
        assert await wishes(family, gone) == {row.id}
    await family.records.close_attempt(row.id, 1, "nothing_found", None)
    assert await wishes(family, gone) == {row.id}
    assert await wishes(family, successor) == set()
    assert await judged(other_family, kept) == [LeaseState.HELD]


async def test_a_process_that_takes_a_new_marker_itself_is_not_told_to_give_it_back(
    family: Household, leases: tuple[UUID, UUID]
) -> None:
    records, lease_id = family.records, leases[0]
    await records.renew_lease(lease_id, LONG)
    row = await armed(family, lease_id)
    await records.end_lease(lease_id)
    assert await wishes(family, lease_id) == set()
    await records.close_attempt(row.id, 1, "released", None)
    assert await wishes(family, lease_id) == set()


async def test_a_process_that_comes_back_hears_what_ended_meanwhile(
    family: Household, other_family: Household, leases: tuple[UUID, UUID]
) -> None:
    lease_id = leases[0]
    await family.records.renew_lease(lease_id, LONG)
    done, row = await armed(family, lease_id), await armed(other_family, lease_id)
    await family.charge(done)
    await family.records.record_outcome(completion(done, paid()))
    await family.records.end_lease(lease_id)
    await family.records.close_attempt(row.id, 1, "released", None)
    await family.records.cancel(
        CancelOrder(registration_id=row.id, expected_version=row.version, operation_key=key("c"))
    )
    assert await wishes(family, lease_id) == {row.id}


async def test_an_attempt_is_orphaned_when_its_process_let_the_lease_lapse_and_stays_away(
    family: Household, leases: tuple[UUID, UUID]
) -> None:
    records, (lease_id, successor) = family.records, leases
    armed_by = ArmedBy(run_id="run", activity_id="5")
    row = await family.executing()

    async def orphaned() -> bool:
        return row.id in {orphan.registration_id for orphan in await records.orphans()}

    await records.renew_lease(lease_id, timedelta(milliseconds=1))
    await records.open_attempt(row.id, row.scheduled_time, key("attempt"), lease_id, armed_by)
    assert not await orphaned()
    async with asyncio.timeout(10):
        while not await orphaned():  # noqa: ASYNC110 - time makes it one
            await asyncio.sleep(0.05)
    (orphan,) = (one for one in await records.orphans() if one.registration_id == row.id)
    assert (orphan.fence, orphan.armed_by) == (1, armed_by)

    await records.end_lease(lease_id)
    assert not await orphaned()
    await records.renew_lease(lease_id, LONG)
    assert not await orphaned()
    await records.renew_lease(successor, LONG)
    await records.open_attempt(row.id, row.scheduled_time, key("attempt"), successor, armed_by)
    assert not await orphaned()


async def test_an_executing_registration_without_a_marker_is_named_until_it_has_one(
    family: Household, other_family: Household
) -> None:
    records, now, long_ago = family.records, timedelta(), timedelta(hours=1)
    row, done = await family.executing(), await other_family.executing()

    async def named(since: timedelta = now) -> list[UUID]:
        ids = await records.unmarked(since, 1_000)
        return [one for one in ids if one in (row.id, done.id)]

    assert set(await named()) == {row.id, done.id}
    assert await named(long_ago) == []
    assert await records.unmarked(now, 0) == ()

    await records.open_attempt(row.id, row.scheduled_time, key("attempt"))
    assert await named() == [done.id]
    await records.close_attempt(row.id, 1, "released", None)
    assert set(await named()) == {row.id, done.id}
    assert await named(long_ago) == []

    await records.open_attempt(done.id, done.scheduled_time, key("attempt"))
    await other_family.charge(done)
    assert await named() == [row.id]


async def test_a_marker_whose_process_is_gone_counts_as_none(
    family: Household, leases: tuple[UUID, UUID]
) -> None:
    records, lease_id = family.records, leases[0]
    await records.renew_lease(lease_id, LONG)
    row = await armed(family, lease_id)
    assert row.id not in await records.unmarked(timedelta(), 1_000)
    await records.end_lease(lease_id)
    assert row.id in await records.unmarked(timedelta(), 1_000)
    assert row.id not in await records.unmarked(timedelta(hours=1), 1_000)
