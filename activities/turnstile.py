"""Letting many through one after another, who all come at once."""

import asyncio
from contextlib import suppress

from activities.stop import Stop, Stopped
from domain.pacing import Bucket, Pace


class Turnstile:
    """Lets through at a pace: some close behind each other, the rest at the rate."""

    def __init__(self, pace: Pace) -> None:
        self._bucket = Bucket(pace)

    async def through(self, stop: Stop) -> None:
        """Wait for one's turn, in the order of coming; at an idle one there is no wait.

        Who is asked to stop waits no longer.
        """
        loop = asyncio.get_running_loop()
        turn = self._bucket.earliest(loop.time())
        self._bucket.take(turn)
        passed: asyncio.Future[None] = loop.create_future()
        timer = loop.call_at(turn, _let_pass, passed)
        try:
            with suppress(Stopped), stop.interrupting(passed):
                await passed
        finally:
            timer.cancel()


def _let_pass(passed: asyncio.Future[None]) -> None:
    if not passed.done():
        passed.set_result(None)
