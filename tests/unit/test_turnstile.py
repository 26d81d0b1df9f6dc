import asyncio
from datetime import timedelta

from activities.stop import Stop
from activities.turnstile import Turnstile
from domain.pacing import Pace

PACE = Pace(rate_per_second=50, burst=5, spacing=timedelta(milliseconds=2))


async def test_who_comes_at_once_passes_in_order_and_at_the_pace() -> None:
    turnstile, passed = Turnstile(PACE), list[tuple[int, float]]()
    loop = asyncio.get_running_loop()
    began = loop.time()

    async def one(number: int) -> None:
        await turnstile.through(Stop())
        passed.append((number, loop.time() - began))

    async with asyncio.timeout(5):
        await asyncio.gather(*(one(number) for number in range(12)))

    assert [number for number, _ in passed] == list(range(12))
    for rank, (_, at) in enumerate(passed, start=1):
        assert at >= PACE.delay(rank).total_seconds() - 0.002


async def test_who_is_asked_to_stop_waits_no_longer() -> None:
    slow, stop = Turnstile(Pace(rate_per_second=0.01, burst=1)), Stop()
    await slow.through(Stop())
    waiting = asyncio.create_task(slow.through(stop))
    await asyncio.sleep(0)

    stop.ask()

    async with asyncio.timeout(5):
        await waiting
