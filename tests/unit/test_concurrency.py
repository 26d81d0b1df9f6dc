"""Many questions, so many at a time."""

import asyncio

import pytest

from concurrency import of_each

SOON = 5.0


async def test_no_more_are_in_flight_than_allowed_and_all_are_answered_in_order() -> None:
    in_flight, most = 0, 0

    async def ask(number: int) -> int:
        nonlocal in_flight, most
        in_flight += 1
        most = max(most, in_flight)
        await asyncio.sleep(0.001 * (10 - number))
        in_flight -= 1
        return number * number

    async with asyncio.timeout(SOON):
        answers = await of_each(range(10), ask, at_once=3)

    assert (answers, most) == ([number * number for number in range(10)], 3)


async def test_a_failure_is_raised_when_the_others_have_ended() -> None:
    asked: list[int] = []

    async def ask(number: int) -> None:
        await asyncio.sleep(0)
        asked.append(number)
        if number in {1, 3}:
            raise ValueError(str(number))

    async with asyncio.timeout(SOON):
        with pytest.raises(ValueError, match=r"^1$"):
            await of_each(range(6), ask, at_once=2)

    assert sorted(asked) == list(range(6))
