"""Letting many through one after another, who all come at once."""

import asyncio

from domain.pacing import Pace


class Turnstile:
    """Lets through at a pace: some close behind each other, the rest at the rate."""

    def __init__(self, pace: Pace) -> None:
        self._spacing = pace.spacing.total_seconds()
        self._refill = 1 / pace.rate_per_second
        self._room = (pace.burst - 1) * self._refill
        self._free_at = float("-inf")
        self._empty_until = float("-inf")

    async def through(self) -> None:
        """Wait for one's turn, in the order of coming; at an idle one there is no wait."""
        now = asyncio.get_running_loop().time()
        turn = max(now, self._free_at, self._empty_until - self._room)
        self._free_at = turn + self._spacing
        self._empty_until = max(self._empty_until, turn) + self._refill
        await asyncio.sleep(turn - now)
