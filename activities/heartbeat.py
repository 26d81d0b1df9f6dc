"""Heartbeats while an activity waits: how its death is noticed and its cancellation arrives."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta

from temporalio import activity

PERIOD = timedelta(milliseconds=500)


@contextmanager
def heartbeating(every: timedelta = PERIOD) -> Generator[None]:
    """Heartbeat from beside the work until it is done."""

    async def beat() -> None:
        while True:
            activity.heartbeat()
            await asyncio.sleep(every.total_seconds())

    beating = asyncio.create_task(beat())
    try:
        yield
    finally:
        beating.cancel()
