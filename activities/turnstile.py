"""Letting many through one after another, who all come at once."""

import asyncio
from datetime import timedelta


class Turnstile:
    """One passes every so often; who comes to an idle one passes at once."""

    def __init__(self, every: timedelta) -> None:
        self._every = every.total_seconds()
        self._free_at = 0.0

    async def through(self) -> None:
        """Wait for one's turn, in the order of coming."""
        now = asyncio.get_running_loop().time()
        turn = max(self._free_at, now)
        self._free_at = turn + self._every
        await asyncio.sleep(turn - now)
