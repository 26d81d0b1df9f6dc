import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from activities.clock import SystemClock
from activities.hush import Hush
from activities.starting_gun import StartingGun
from activities.stop import Stop

MS = timedelta(milliseconds=1)


async def due_in(gun: StartingGun, *ahead: timedelta) -> list[asyncio.Task[None]]:
    """Bookings that will be sent then."""
    at = datetime.now(UTC)
    tasks = [
        asyncio.create_task(gun.until(at + each, SystemClock(), Stop(), lambda: None))
        for each in ahead
    ]
    await asyncio.sleep(0)
    return tasks


async def test_nothing_is_held_where_no_booking_is_due_soon() -> None:
    gun = StartingGun()
    (far,) = await due_in(gun, timedelta(hours=1))

    async with asyncio.timeout(0.2):
        await Hush(gun).over(Stop())

    far.cancel()


async def test_what_only_warms_up_holds_nothing_back() -> None:
    gun = StartingGun()
    warming = asyncio.create_task(gun.until(datetime.now(UTC) + 400 * MS, SystemClock(), Stop()))
    await asyncio.sleep(0)

    async with asyncio.timeout(0.2):
        await Hush(gun).over(Stop())

    warming.cancel()


async def test_results_wait_until_the_last_volley_has_left() -> None:
    gun = StartingGun()
    hush, volleys = Hush(gun), await due_in(gun, 100 * MS, 400 * MS, 700 * MS)

    async with asyncio.timeout(5):
        await asyncio.gather(*(hush.over(Stop()) for _ in range(50)))

    assert all(volley.done() for volley in volleys)


async def test_nothing_is_held_longer_than_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("activities.hush.LONGEST", 200 * MS)
    gun = StartingGun()
    volleys = await due_in(gun, *(each * 100 * MS for each in range(1, 60)))

    async with asyncio.timeout(5):
        await Hush(gun).over(Stop())

    assert not volleys[-1].done()
    for volley in volleys:
        volley.cancel()


async def test_who_is_asked_to_stop_is_held_no_longer() -> None:
    gun, stop = StartingGun(), Stop()
    (volley,) = await due_in(gun, 450 * MS)
    held = asyncio.create_task(Hush(gun).over(stop))
    await asyncio.sleep(0)

    stop.ask()

    async with asyncio.timeout(0.3):
        await held
    assert not volley.done()
    volley.cancel()


async def test_results_wait_for_what_should_have_left_already() -> None:
    hush, first, second = Hush(StartingGun()), uuid4(), uuid4()
    hush.overdue(first)
    hush.overdue(second)
    held = asyncio.create_task(hush.over(Stop()))
    hush.settled(first)
    await asyncio.sleep(0.1)
    assert not held.done()

    hush.settled(second)

    async with asyncio.timeout(0.5):
        await held


async def test_what_is_overdue_for_long_holds_nothing_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("activities.hush.LONGEST", 50 * MS)
    hush = Hush(StartingGun())
    hush.overdue(uuid4())
    await hush.over(Stop())

    async with asyncio.timeout(0.04):
        await hush.over(Stop())
