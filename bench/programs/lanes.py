"""The floor: the service's own lanes, and nothing durable around them.

No Temporal, no database: every lane is armed, the program waits once for all, and sends.
"""

import asyncio
import gc
from collections import Counter
from collections.abc import Callable, Coroutine
from datetime import timedelta
from importlib import import_module
from typing import Any

from activities.clock import SystemClock
from activities.starting_gun import StartingGun
from activities.stop import Stop
from bench.programs.orders import (
    AT_ONCE,
    Armed,
    Job,
    Sent,
    orders,
    read_job,
    soon,
    tell,
    until_dismissed,
)
from concurrency import of_each
from connection import open_gateways
from domain.errors import OutsideError
from gateways import ArmedBooking

CLOCK = SystemClock()


async def run(job: Job, *, uvloop: bool) -> None:
    """Arm, wait, send, and tell when."""
    async with open_gateways() as gateways:
        alone = len({one.credentials for one in job.wanted}) == len(job.wanted)
        ordered = await orders(gateways.providers, job.wanted)

        async def arm(place: int) -> ArmedBooking:
            account = gateways.providers.account(job.wanted[place].credentials)
            # A harmless request counts against the account's pace: one is no hindrance.
            return await account.arm(ordered[place], warm=alone)

        lanes = await of_each(range(len(ordered)), arm, at_once=AT_ONCE)
        waiting: dict[timedelta, list[ArmedBooking]] = {}
        for one, lane in zip(job.wanted, lanes, strict=True):
            waiting.setdefault(one.delay, []).append(lane)
        gc.collect()
        gc.freeze()
        gc.disable()
        instant = soon()
        tell(Armed(send_at=instant, uvloop=uvloop))
        gun, sending = StartingGun(), list[asyncio.Task[str]]()
        for delay in sorted(waiting):
            await gun.until(instant + delay, CLOCK, Stop(), _firing(waiting[delay]))
            sending += [asyncio.create_task(_sent(lane)) for lane in waiting[delay]]
        answers = Counter(await asyncio.gather(*sending))
        took = (CLOCK.now() - instant).total_seconds()
        tell(Sent(answered_s=round(took, 3), answers=dict(answers)))
        await asyncio.to_thread(until_dismissed)
        for lane in lanes:
            lane.close()


def _firing(lanes: list[ArmedBooking]) -> Callable[[], None]:
    """All of them, as the service does: before anybody wakes."""

    def fire() -> None:
        for lane in lanes:
            lane.fire()

    return fire


async def _sent(lane: ArmedBooking) -> str:
    try:
        await lane.send()
    except OutsideError as error:
        return type(error).__name__
    return "Booked"


def _fastest_loop() -> Callable[[Coroutine[Any, Any, None]], None] | None:
    """The runner of uvloop, where it is installed."""
    try:
        return import_module("uvloop").run
    except ImportError:
        return None


def main() -> None:
    """Do the job on stdin."""
    run_fast = _fastest_loop()
    (run_fast or asyncio.run)(run(read_job(), uvloop=run_fast is not None))


if __name__ == "__main__":
    main()
