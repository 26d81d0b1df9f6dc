"""What a parent waits for goes before what they read later."""

import asyncio
from collections import deque
from contextlib import suppress
from datetime import timedelta

WAVE = 10
WITHIN = timedelta(seconds=1)
"""So many charges within so long are an opening's: two cores finish some twenty a second."""

LOOKS = timedelta(milliseconds=200)

LONGEST = timedelta(seconds=25)
"""A letter is late by so much at most: below its own time-out, and five hundred bookings are
charged by then."""


class ReceiptsFirst:
    """Letters of one process wait while very many bookings are charged in it.

    After an opening everything is due at once, on the same processors. Measured with five hundred
    bookings: written as they came, the letters took a fifth of those, and the last receipt waited
    for all of them.
    """

    def __init__(self) -> None:
        self._charged: deque[float] = deque(maxlen=WAVE)

    def charging(self) -> None:
        """A booking is charged now."""
        self._charged.append(asyncio.get_running_loop().time())

    async def done(self) -> None:
        """Wait until they become few, or LONGEST."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LONGEST.total_seconds()):
                while self._a_wave():
                    nap = LOOKS.total_seconds()
                    await asyncio.sleep(nap)

    def _a_wave(self) -> bool:
        since = asyncio.get_running_loop().time() - WITHIN.total_seconds()
        return len(self._charged) == WAVE and self._charged[0] > since
