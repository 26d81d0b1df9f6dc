import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from activities.clock import SystemClock
from activities.starting_gun import StartingGun
from activities.stop import Stop, Stopped

SOON = timedelta(milliseconds=60)
CLOCK = SystemClock()


async def test_nobody_wakes_before_their_instant_and_all_wake_in_its_order() -> None:
    gun, woken = StartingGun(), list[tuple[int, datetime]]()
    start = datetime.now(UTC) + SOON
    due = {number: start + timedelta(milliseconds=number % 7) for number in range(50)}

    async def lane(number: int) -> None:
        await gun.until(due[number], CLOCK, Stop())
        woken.append((number, datetime.now(UTC)))

    async with asyncio.timeout(5):
        await asyncio.gather(*(lane(number) for number in due))

    assert all(at >= due[number] for number, at in woken)
    assert [due[number] for number, _ in woken] == sorted(due.values())


async def test_an_earlier_instant_that_comes_later_is_not_missed() -> None:
    gun, woken = StartingGun(), list[str]()

    async def lane(name: str, left: timedelta) -> None:
        await gun.until(datetime.now(UTC) + left, CLOCK, Stop())
        woken.append(name)

    async with asyncio.timeout(5):
        first = asyncio.create_task(lane("late", 3 * SOON))
        await asyncio.sleep(0)
        await asyncio.gather(first, lane("early", SOON))

    assert woken == ["early", "late"]


async def test_an_instant_in_the_past_is_no_wait() -> None:
    async with asyncio.timeout(1):
        await StartingGun().until(datetime.now(UTC) - timedelta(days=1), CLOCK, Stop())


async def test_who_is_asked_to_stop_wakes_at_once_and_the_others_wait_on() -> None:
    gun, stop = StartingGun(), Stop()
    stopped = asyncio.create_task(gun.until(datetime.now(UTC) + timedelta(hours=1), CLOCK, stop))
    other = asyncio.create_task(gun.until(datetime.now(UTC) + 2 * SOON, CLOCK, Stop()))
    await asyncio.sleep(0)

    stop.ask()

    async with asyncio.timeout(5):
        with pytest.raises(Stopped):
            await stopped
        await other


async def test_who_was_asked_before_does_not_wait_at_all() -> None:
    stop = Stop()
    stop.ask(release=True)

    with pytest.raises(Stopped):
        await StartingGun().until(datetime.now(UTC) - SOON, CLOCK, stop)
    assert stop.release


async def test_what_is_to_be_done_at_the_instant_is_done_before_anybody_who_waits_wakes() -> None:
    gun, order, at = StartingGun(), list[str](), datetime.now(UTC) + SOON

    async def lane(name: str) -> None:
        await gun.until(at, CLOCK, Stop(), lambda: order.append(f"{name} fires"))
        order.append(f"{name} wakes")

    async with asyncio.timeout(5):
        await asyncio.gather(lane("one"), lane("other"))

    assert datetime.now(UTC) >= at
    assert order == ["one fires", "other fires", "one wakes", "other wakes"]


async def test_what_goes_wrong_at_the_instant_is_the_affair_of_one_alone() -> None:
    gun, at = StartingGun(), datetime.now(UTC) + SOON

    def broken() -> None:
        raise RuntimeError("broken")

    async with asyncio.timeout(5):
        ends = await asyncio.gather(
            gun.until(at, CLOCK, Stop(), broken),
            gun.until(at, CLOCK, Stop()),
            return_exceptions=True,
        )

    assert [type(end) for end in ends] == [RuntimeError, type(None)]


async def test_whoever_is_stopped_fires_nothing() -> None:
    gun, stop, fired = StartingGun(), Stop(), list[str]()
    waiting = asyncio.create_task(
        gun.until(datetime.now(UTC) + SOON, CLOCK, stop, lambda: fired.append("fired"))
    )
    await asyncio.sleep(0)
    stop.ask()
    with pytest.raises(Stopped):
        await waiting
    await asyncio.sleep(2 * SOON.total_seconds())
    assert fired == []


async def test_an_instant_in_the_past_fires_at_once() -> None:
    fired = list[str]()
    await StartingGun().until(
        datetime.now(UTC) - SOON, CLOCK, Stop(), lambda: fired.append("fired")
    )
    assert fired == ["fired"]
