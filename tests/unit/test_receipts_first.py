import asyncio
from datetime import timedelta

import pytest

from activities.receipts_first import WAVE, ReceiptsFirst


async def test_a_letter_waits_for_nobody_where_few_are_charged() -> None:
    first = ReceiptsFirst()
    for _ in range(WAVE - 1):
        first.charging()

    async with asyncio.timeout(0.1):
        await first.done()


async def test_letters_wait_until_the_wave_of_charges_is_over() -> None:
    first, order = ReceiptsFirst(), list[str]()

    async def charges() -> None:
        for _ in range(4 * WAVE):
            first.charging()
            order.append("receipt")
            await asyncio.sleep(0.02)

    async def letter() -> None:
        await asyncio.sleep(0.3)
        await first.done()
        order.append("letter")

    async with asyncio.timeout(5):
        await asyncio.gather(charges(), letter(), letter())

    assert order == ["receipt"] * 4 * WAVE + ["letter"] * 2


async def test_a_letter_waits_no_longer_than_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("activities.receipts_first.LONGEST", timedelta(milliseconds=100))
    first = ReceiptsFirst()
    for _ in range(WAVE):
        first.charging()

    async with asyncio.timeout(0.5):
        await first.done()
