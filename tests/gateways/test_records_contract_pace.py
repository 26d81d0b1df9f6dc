import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from domain.contracts import CancelOrder, RescheduleOrder
from domain.errors import RecordMissing
from domain.pacing import Pace, Pause
from domain.programs import ProviderAccount
from domain.registrations import Registration
from gateways.protocols.records import Records
from tests.gateways.households import OPENS_IN, Household, failure, key

MILLISECOND = timedelta(milliseconds=1)
SLOW = Pace(rate_per_second=0.5, burst=2, spacing=timedelta(microseconds=1_500), concurrency=1)


async def save_pace(family: Household, pace: Pace) -> None:
    await family.records.save_provider_account(
        ProviderAccount(org_ref=family.program.org_ref, name="Pool", pace=pace)
    )


async def cancel(family: Household, row: Registration) -> None:
    now = await family.records.registration(row.id)
    await family.records.cancel(
        CancelOrder(registration_id=now.id, expected_version=now.version, operation_key=key("c"))
    )


async def move(family: Household, row: Registration, to: datetime) -> Registration:
    now = await family.records.registration(row.id)
    await family.records.reschedule(
        RescheduleOrder(
            registration_id=now.id,
            expected_version=now.version,
            operation_key=key("reschedule"),
            scheduled_time=to,
            time_zone="Europe/Berlin",
        )
    )
    return await family.records.registration(row.id)


async def places(
    family: Household, rows: list[Registration]
) -> list[tuple[int | None, int | None]]:
    now = [await family.records.registration(row.id) for row in rows]
    return [(row.queue_place, row.queue_length) for row in now]


async def test_a_pace_is_read_back_as_it_was_saved(family: Household) -> None:
    row = await family.draft()
    assert (await family.records.dossier(row.id)).account.pace == Pace()
    await save_pace(family, SLOW)
    assert (await family.records.dossier(row.id)).account.pace == SLOW


async def test_turns_come_in_the_order_of_confirmation_whoever_claims_first(
    family: Household,
) -> None:
    rows = await family.queue(9)
    claims = {row.id: await family.claim(row) for row in rows[::-2] + rows[1::2]}
    for rank, row in enumerate(rows, start=1):
        claim = claims[row.id]
        assert (claim.rank, claim.sharing) == (rank, 9)
        due = row.scheduled_time + Pace().delay(rank)
        assert abs(claim.send_at - due) < MILLISECOND
        assert (await family.records.registration(row.id)).send_at == claim.send_at
    trail = await family.records.audit_trail(rows[8].id)
    assert trail[-1].detail == {
        "send_at": f"{claims[rows[8].id].send_at:%Y-%m-%dT%H:%M:%S.%f}Z",
        "rank": 9,
    }


async def test_another_pace_gives_other_turns(family: Household) -> None:
    await save_pace(family, SLOW)
    for rank, row in enumerate(await family.queue(4), start=1):
        claim = await family.claim(row)
        assert abs(claim.send_at - row.scheduled_time - SLOW.delay(rank)) < MILLISECOND


async def test_claims_at_once_share_no_turn(family: Household) -> None:
    rows = await family.queue(6)
    claims = await asyncio.gather(*(family.claim(row) for row in rows))
    assert [claim.rank for claim in claims] == [1, 2, 3, 4, 5, 6]
    assert sorted({claim.send_at for claim in claims}) == [claim.send_at for claim in claims]


async def test_accounts_do_not_slow_each_other(family: Household, other_family: Household) -> None:
    opens = datetime.now(UTC) + OPENS_IN
    await family.claim((await family.queue(1, scheduled_time=opens))[0])
    claim = await other_family.claim((await other_family.queue(1, scheduled_time=opens))[0])
    assert (claim.rank, claim.sharing, claim.send_at) == (1, 1, opens)
    assert await family.records.sharing(opens) == 2
    assert await family.records.sharing(opens + MILLISECOND) == 0


async def test_a_place_is_shown_while_it_is_waited_for(family: Household) -> None:
    draft = await family.draft()
    rows = await family.queue(3, scheduled_time=draft.scheduled_time)
    assert await places(family, [draft, *rows]) == [(None, None), (1, 3), (2, 3), (3, 3)]
    await family.claim(rows[2])
    await cancel(family, rows[0])
    assert await places(family, rows) == [(None, None), (1, 2), (2, 2)]
    listed = await family.records.registrations(family.user_id, 10)
    assert [row.queue_place for row in listed] == [2, 1, None, None]
    everybodys = await family.records.all_registrations(1_000, None)
    assert all(row in everybodys for row in listed)


async def test_who_waits_behind_a_cancelled_one_moves_up_and_no_rank_is_given_twice(
    family: Household,
) -> None:
    rows = await family.queue(5)
    last = await family.claim(rows[4])
    await cancel(family, rows[1])
    claims = [await family.claim(row) for row in (rows[3], rows[0], rows[2])]
    assert [claim.rank for claim in claims] == [3, 1, 2]
    assert last.rank == 5
    assert claims[0].send_at == rows[0].scheduled_time + Pace().delay(3)
    late = (await family.queue(1, scheduled_time=rows[0].scheduled_time))[0]
    behind = await family.claim(late)
    assert (behind.rank, behind.sharing) == (6, 5)
    assert behind.send_at > last.send_at


async def test_who_moves_to_another_opening_queues_at_its_end(family: Household) -> None:
    first, second = await family.queue(2)
    await family.claim(first)
    away = await move(family, first, first.scheduled_time + timedelta(days=1))
    assert (away.send_at, away.queue_place, away.queue_length) == (None, 1, 1)
    back = await move(family, first, second.scheduled_time)
    assert await places(family, [second, back]) == [(1, 2), (2, 2)]
    assert (await family.claim(second)).rank == 1
    assert (await family.claim(back)).rank == 2


async def test_openings_shortly_after_each_other_share_the_bucket(family: Household) -> None:
    early = await family.queue(6)
    opens = early[0].scheduled_time + timedelta(milliseconds=300)
    (later,) = await family.queue(1, scheduled_time=opens)
    claim = await family.claim(later)
    assert claim.rank == 1
    assert abs(claim.send_at - early[0].scheduled_time - Pace().delay(7)) < MILLISECOND
    for rank, row in enumerate(early, start=1):
        claimed = await family.claim(row)
        assert abs(claimed.send_at - row.scheduled_time - Pace().delay(rank)) < MILLISECOND


async def test_who_comes_after_their_turn_goes_behind_all_that_have_theirs(
    family: Household,
) -> None:
    opened = datetime.now(UTC) - timedelta(minutes=1)
    rows = await family.queue(8, scheduled_time=opened)
    claims = [await family.claim(row) for row in rows[::-1]]
    assert [claim.rank for claim in claims] == [8, 7, 6, 5, 4, 3, 2, 1]
    sends = [claim.send_at for claim in claims]
    assert sends == sorted(set(sends))
    assert sends[0] > opened + timedelta(minutes=1)
    assert sends[7] - sends[0] >= Pace().delay(8) - MILLISECOND


async def test_what_was_sent_counts_until_the_bucket_is_full_again(family: Household) -> None:
    opened = datetime.now(UTC) - timedelta(minutes=1)
    rows = await family.queue(7, scheduled_time=opened)
    first = await family.claim(rows[0])
    for row in rows[1:6]:
        await family.claim(row)
    for row in rows[:6]:
        await family.records.record_outcome(failure(await family.records.registration(row.id)))
    last = await family.claim(rows[6])
    assert (last.rank, last.sharing) == (1, 1)
    assert last.send_at - first.send_at >= Pace().delay(7) - MILLISECOND


async def test_who_is_cancelled_unsent_gives_the_turn_back(family: Household) -> None:
    rows = await family.queue(2)
    first = await family.claim(rows[0])
    await cancel(family, rows[0])
    assert (await family.records.registration(rows[0].id)).send_at is None
    assert (await family.claim(rows[1])).send_at == first.send_at


async def known(records: Records, provider: str, org_ref: str) -> Pause | None:
    """What is told of that account among all."""
    pauses = {(one.provider, one.org_ref): one.pause for one in await records.account_pauses()}
    return pauses.get((provider, org_ref))


@pytest.fixture
def pause() -> Pause:
    since = datetime.now(UTC) - timedelta(seconds=1)
    return Pause(since=since, until=since + timedelta(minutes=1))


async def test_a_pause_stands_until_it_is_over(family: Household, pause: Pause) -> None:
    account = ("bookeo", family.program.org_ref)
    records = family.records
    assert await known(records, *account) is None
    assert await records.pause_account(*account, pause) == pause
    assert await known(records, *account) == pause
    over = Pause(since=pause.since - timedelta(hours=1), until=pause.since)
    wider = Pause(since=over.since, until=pause.until)
    assert await records.pause_account(*account, over) == wider
    longer = Pause(since=pause.since, until=pause.until + MILLISECOND)
    assert await records.pause_account(*account, longer) == Pause(
        since=over.since, until=longer.until
    )


async def test_a_pause_is_known_for_ten_minutes_after_its_end_but_not_widened_any_more(
    family: Household, pause: Pause
) -> None:
    account = ("bookeo", family.program.org_ref)
    now = datetime.now(UTC)
    for ended, told in ((timedelta(minutes=11), False), (timedelta(minutes=9), True)):
        over = Pause(since=now - timedelta(hours=1), until=now - ended)
        assert await family.records.pause_account(*account, over) == over
        assert (await known(family.records, *account) == over) is told
    assert await family.records.pause_account(*account, pause) == pause


async def test_only_an_account_is_paused(records: Records, pause: Pause) -> None:
    with pytest.raises(RecordMissing):
        await records.pause_account("bookeo", "nobody", pause)
    assert await known(records, "bookeo", "nobody") is None


async def test_a_claim_in_a_pause_is_put_off_and_those_behind_keep_their_distance(
    family: Household, pause: Pause
) -> None:
    rows = await family.queue(9, scheduled_time=pause.since)
    await family.records.pause_account("bookeo", family.program.org_ref, pause)
    for rank, row in enumerate(rows, start=1):
        claim = await family.claim(row)
        due = pause.put_off(row.scheduled_time + Pace().delay(rank), row.scheduled_time)
        assert abs(claim.send_at - due) < MILLISECOND


async def test_what_was_given_its_turn_before_a_pause_stays_in_front(
    family: Household, pause: Pause
) -> None:
    before, after = await family.queue(2, scheduled_time=datetime.now(UTC) + timedelta(seconds=1))
    claimed = await family.claim(before)
    await family.records.pause_account("bookeo", family.program.org_ref, pause)
    behind = await family.claim(after)
    put_off = pause.put_off(claimed.send_at, before.scheduled_time)
    assert behind.send_at == put_off + Pace().spacing


async def test_an_opening_after_the_pause_is_not_put_off(family: Household, pause: Pause) -> None:
    await family.records.pause_account("bookeo", family.program.org_ref, pause)
    row = await family.pending(scheduled_time=pause.until + MILLISECOND)
    assert (await family.claim(row)).send_at == row.scheduled_time
