import asyncio
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, cast
from uuid import uuid4

import pytest

from activities.account_queue import CLOSEST, AccountQueue
from activities.known_pauses import KnownPauses
from activities.stop import Stop, Stopped
from domain.contracts import BookOrder
from domain.pacing import AccountPause, Pace, Pause
from domain.programs import ProviderAccount
from domain.registrations import Dossier
from gateways.fakes.records import InMemoryRecords

T = datetime(2027, 3, 1, 14, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


async def queue(
    concurrency: int = 3, sharers: int = 1, records: InMemoryRecords | None = None
) -> AccountQueue:
    records = records or InMemoryRecords()
    account = ProviderAccount(
        org_ref="swim-club", name="The Swim Club", pace=Pace(concurrency=concurrency)
    )
    await records.save_provider_account(account)
    dossier = cast("Any", Dossier).model_construct(account=account)
    return AccountQueue(dossier, KnownPauses(records), lambda: sharers)


def put_off(
    account: AccountQueue,
    send_at: datetime,
    opening: datetime,
    reckoned: datetime | None = None,
) -> datetime:
    order = BookOrder(registration_id=uuid4(), send_at=send_at, pause_reckoned=reckoned)
    return account.put_off(order, opening)


@pytest.mark.parametrize(("concurrency", "sharers", "at_once"), [(3, 1, 3), (3, 2, 1), (3, 9, 1)])
async def test_no_more_are_under_way_than_the_share_of_this_process(
    concurrency: int, sharers: int, at_once: int
) -> None:
    account = await queue(concurrency, sharers)
    under_way, most, order = 0, 0, list[int]()

    async def send(number: int) -> None:
        nonlocal under_way, most
        async with account.turn(Stop()):
            order.append(number)
            under_way += 1
            most = max(most, under_way)
            await asyncio.sleep(0.12)  # longer than three of them keep apart
            under_way -= 1

    async with asyncio.timeout(5):
        await asyncio.gather(*(send(number) for number in range(6)))

    assert most == at_once
    assert order == list(range(6))


async def test_those_that_waited_for_room_keep_their_distance_all_the_same() -> None:
    account, sent = await queue(concurrency=3), list[float]()
    loop, answered = asyncio.get_running_loop(), asyncio.Event()

    async def send() -> None:
        async with account.turn(Stop()):
            sent.append(loop.time())
            await answered.wait()

    async with asyncio.timeout(5):
        sending = [asyncio.create_task(send()) for _ in range(6)]
        await asyncio.sleep(0.2)
        assert len(sent) == 3
        answered.set()  # all three at once
        await asyncio.gather(*sending)

    apart = account.pace.spacing.total_seconds() * CLOSEST
    assert all(later - earlier > apart * 0.99 for earlier, later in pairwise(sent))


async def test_who_waits_is_sent_in_the_very_call_that_makes_room() -> None:
    account, told = await queue(concurrency=1), list[str]()
    held = account.turn(Stop())
    await held.__aenter__()

    async def waits() -> None:
        async with account.turn(Stop(), lambda: told.append("sent")):
            told.append("awake")

    waiting = asyncio.create_task(waits())
    await asyncio.sleep(0.1)  # longer than two keep apart
    assert told == []

    account.leave()
    assert told == ["sent"]
    await waiting
    assert told == ["sent", "awake"]


async def test_who_is_stopped_while_waiting_takes_nobodys_turn() -> None:
    account, stop = await queue(concurrency=1), Stop()
    async with account.turn(Stop()):

        async def waits() -> None:
            async with account.turn(stop):
                pytest.fail("it was stopped")

        waiting = asyncio.create_task(waits())
        await asyncio.sleep(0)
        stop.ask()
        with pytest.raises(Stopped):
            await waiting

    async with asyncio.timeout(1), account.turn(Stop()):
        pass


async def test_a_pause_puts_off_what_was_not_sent_by_the_same_time() -> None:
    account = await queue()
    await account.pause(T, T + 10 * SECOND)

    assert put_off(account, T, T) == T + 10 * SECOND
    assert put_off(account, T + SECOND, T) == T + 11 * SECOND
    assert put_off(account, T - SECOND, T - SECOND) == T - SECOND
    assert put_off(account, T + 60 * SECOND, T + 60 * SECOND) == T + 60 * SECOND


async def test_pauses_that_overlap_are_one() -> None:
    account = await queue()
    await account.pause(T + SECOND, T + 10 * SECOND)
    await account.pause(T, T + 5 * SECOND)

    assert put_off(account, T, T) == T + 10 * SECOND


async def test_a_pause_that_the_claim_knew_of_counts_once_and_what_it_grew_by_is_added() -> None:
    account = await queue()
    await account.pause(T, T + 10 * SECOND)
    claimed_in_it = T + 12 * SECOND

    assert put_off(account, claimed_in_it, T, T + 10 * SECOND) == claimed_in_it
    await account.pause(T, T + 15 * SECOND)
    assert put_off(account, claimed_in_it, T, T + 10 * SECOND) == claimed_in_it + 5 * SECOND


async def test_a_pause_that_another_process_wrote_is_read_once_for_all() -> None:
    records = InMemoryRecords()
    account = await queue(records=records)
    now = datetime.now(UTC)
    await records.pause_account("bookeo", "swim-club", Pause(since=now, until=now + SECOND))
    asked, read = 0, records.account_pauses

    async def counted() -> tuple[AccountPause, ...]:
        nonlocal asked
        asked += 1
        return await read()

    records.account_pauses = counted  # type: ignore[method-assign]
    await asyncio.gather(*(account.look_for_pause(now) for _ in range(5)))

    assert asked == 1
    assert put_off(account, now, now) == now + SECOND
