"""What one account may be asked, and when: bookings count, everything else waits for its turn."""

import asyncio
from datetime import timedelta

import pytest

from domain.errors import Throttled
from domain.pacing import Pace
from gateways.bookeo.budget import Budget, BudgetSpent
from tests.gateways.booking.virtual_time import VirtualTime

SECOND = timedelta(seconds=1)
LONG = timedelta(minutes=1)
PACE = Pace(rate_per_second=2, burst=3, spacing=timedelta(milliseconds=40), concurrency=2)


@pytest.fixture
def time() -> VirtualTime:
    return VirtualTime()


@pytest.fixture
def budget(time: VirtualTime) -> Budget:
    return Budget(PACE, monotonic=time.monotonic, sleep=time.sleep)


async def _turns(budget: Budget, time: VirtualTime, count: int) -> list[float]:
    """When each of so many requests of no duration has its turn."""
    begun: list[float] = []
    for _ in range(count):
        async with budget.turn(LONG):
            begun.append(time.passed)
    return begun


async def test_from_a_full_bucket_turns_come_exactly_as_the_pace_says(
    budget: Budget, time: VirtualTime
) -> None:
    promised = [PACE.delay(rank).total_seconds() for rank in range(1, 11)]

    assert await _turns(budget, time, 10) == pytest.approx(promised)


async def test_an_idle_account_has_its_burst_back(budget: Budget, time: VirtualTime) -> None:
    await _turns(budget, time, 3)
    await time.sleep(PACE.refill.total_seconds())
    again = time.passed

    assert await _turns(budget, time, 3) == pytest.approx([again, again + 0.04, again + 0.08])


async def test_who_came_first_has_the_first_turn(budget: Budget) -> None:
    order: list[int] = []

    async def ask(number: int) -> None:
        async with budget.turn(LONG):
            order.append(number)

    await asyncio.gather(*(ask(number) for number in range(8)))

    assert order == list(range(8))


async def test_bookings_leave_at_once_and_the_others_wait_for_longer(
    budget: Budget, time: VirtualTime
) -> None:
    for _ in range(5):
        async with budget.at_once():
            assert time.passed == 0

    assert await _turns(budget, time, 2) == pytest.approx([1.5, 2.0])


async def test_one_that_cannot_have_its_turn_in_time_is_told_at_once(
    budget: Budget, time: VirtualTime
) -> None:
    await _turns(budget, time, 3)
    before = time.passed

    with pytest.raises(BudgetSpent) as spent:
        async with budget.turn(SECOND / 10):
            pytest.fail("it had a turn")

    assert time.passed == before
    assert spent.value.wait.total_seconds() == pytest.approx(0.5 - before)


async def test_those_in_line_before_it_count_too(budget: Budget, time: VirtualTime) -> None:
    await _turns(budget, time, 3)
    waiting = [asyncio.create_task(_turns(budget, time, 1)) for _ in range(4)]
    await asyncio.sleep(0)

    with pytest.raises(BudgetSpent):
        async with budget.turn(SECOND):
            pytest.fail("it had a turn")

    await asyncio.gather(*waiting)


async def test_a_pause_refuses_the_impatient_and_lets_the_patient_wait(
    budget: Budget, time: VirtualTime
) -> None:
    budget.pause(7 * SECOND)

    with pytest.raises(Throttled) as throttled:
        async with budget.turn(5 * SECOND):
            pytest.fail("it had a turn")

    assert not isinstance(throttled.value, BudgetSpent)
    assert throttled.value.wait == 7 * SECOND
    # The provider's limit is lower than ours: nothing of a burst is left when it is over.
    assert await _turns(budget, time, 3) == pytest.approx([7, 7.5, 8])


async def test_a_pause_that_comes_while_they_wait_refuses_them_too(
    budget: Budget, time: VirtualTime
) -> None:
    await _turns(budget, time, 3)

    async def ask() -> None:
        async with budget.turn(5 * SECOND):
            pytest.fail("it had a turn")

    waiting = [asyncio.create_task(ask()) for _ in range(2)]
    await asyncio.sleep(0)
    budget.pause(30 * SECOND)

    for task in waiting:
        with pytest.raises(Throttled, match="the provider asks"):
            await task


async def test_no_more_are_under_way_than_the_pace_allows_bookings_included(
    budget: Budget, time: VirtualTime
) -> None:
    begun = asyncio.Event()

    async def ask() -> None:
        async with budget.turn(LONG):
            begun.set()

    async with budget.turn(LONG):
        async with budget.at_once():
            third = asyncio.create_task(ask())
            for _ in range(20):
                await time.sleep(0.1)
            assert not begun.is_set()
        async with asyncio.timeout(5):
            await third


async def test_room_that_never_comes_is_not_waited_for_beyond_all_patience() -> None:
    budget = Budget(PACE)
    async with budget.at_once(), budget.at_once(), asyncio.timeout(5):
        with pytest.raises(BudgetSpent):
            async with budget.turn(SECOND / 5):
                pytest.fail("it had a turn")


async def test_one_that_gives_up_leaves_its_turn_to_the_next() -> None:
    budget = Budget(PACE.model_copy(update={"concurrency": 1}))
    got = asyncio.Event()

    async def ask() -> None:
        async with budget.turn(LONG):
            got.set()

    async with budget.turn(LONG):
        first, second = asyncio.create_task(ask()), asyncio.create_task(ask())
        await asyncio.sleep(0)
        first.cancel()
    async with asyncio.timeout(5):
        await got.wait()
        await second
    assert first.cancelled()


async def test_a_new_pace_holds_from_the_next_turn_on(budget: Budget, time: VirtualTime) -> None:
    await _turns(budget, time, 3)
    budget.pace = PACE.model_copy(update={"rate_per_second": 20.0})
    now = time.passed

    assert (await _turns(budget, time, 5))[-1] - now < 0.5
