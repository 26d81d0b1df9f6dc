"""Heartbeats while an activity waits: how its death is noticed and its cancellation arrives."""

import asyncio
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from datetime import timedelta

from temporalio import activity

PERIOD = timedelta(milliseconds=500)

UNHURRIED = timedelta(seconds=5)
"""Of what recurs, of backups and of looks: nobody waits for their cancellation to arrive."""

Details = Callable[[], Sequence[object]]
"""How far the work has come, for an attempt that goes on with it."""


@contextmanager
def heartbeating(every: timedelta = PERIOD, details: Details = tuple) -> Generator[None]:
    """Heartbeat from beside the work until it is done."""

    async def beat() -> None:
        while True:
            activity.heartbeat(*details())
            await asyncio.sleep(every.total_seconds())

    beating = asyncio.create_task(beat())
    try:
        yield
    finally:
        beating.cancel()
