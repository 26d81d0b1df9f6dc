"""Time as an activity sees it: injected, so that tests may run on a virtual clock."""

import asyncio
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Where "now" comes from."""

    def now(self) -> datetime:
        """The present instant, aware UTC."""
        ...


class SystemClock:
    """The host's clock."""

    def now(self) -> datetime:
        """The present instant, aware UTC."""
        return datetime.now(UTC)


SHORT_HOP_S = 0.02
HOP_SHARE = 0.95


async def wait_until(due: datetime, clock: Clock) -> None:
    """Sleep until the clock shows `due`, never returning before it.

    In shrinking hops: Linux may end an epoll wait 0.1 % late, so one sleep of a minute comes
    back tens of milliseconds after it should. The last hop is short, and so is its error.
    """
    while (left := (due - clock.now()).total_seconds()) > 0:  # noqa: ASYNC110 - time is the event
        await asyncio.sleep(left if left < SHORT_HOP_S else left * HOP_SHARE)
