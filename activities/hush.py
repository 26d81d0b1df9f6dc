"""Quiet on this machine while bookings are about to be sent."""

import asyncio
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from uuid import UUID

from activities.starting_gun import StartingGun
from activities.stop import Stop, Stopped

SOON = timedelta(milliseconds=500)
"""Above the pause between two bookings of one account at the organiser's rate, a third of a
second: where many accounts share an instant, their queues fire in volleys so far apart."""

LONGEST = timedelta(seconds=6)
"""What is held is late by so much at most. A queue of fifteen at one account has fired by then, and
so have two hundred lanes that one process took over from another that died."""

SHORTEST_NAP = timedelta(milliseconds=20)


class Hush:
    """Holds back what can wait while a booking of this process is due soon, or overdue.

    What is held is work for every server: let go between two volleys it takes the processors from
    the second one. Measured with a hundred accounts of ten bookings each, half of them left a
    quarter of a second late.
    """

    def __init__(self, gun: StartingGun) -> None:
        self._gun = gun
        self._overdue: dict[UUID, float] = {}
        self._over: asyncio.Task[None] | None = None

    def overdue(self, registration_id: UUID) -> None:
        """One is to be sent whose time is past, mostly after another process died with it.

        It counts for LONGEST, or until it is `settled`.
        """
        self._overdue[registration_id] = time.monotonic() + LONGEST.total_seconds()

    def settled(self, registration_id: UUID) -> None:
        """That one was sent, or will not be."""
        self._overdue.pop(registration_id, None)

    async def over(self, stop: Stop) -> None:
        """Wait until no booking is due soon, or LONGEST. Who is asked to stop waits no longer."""
        if not self._soon():
            return
        # One watch for all that are held: hundreds that look for themselves are no quiet.
        if self._over is None or self._over.done():
            self._over = asyncio.create_task(self._watched())
        shot: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._over.add_done_callback(lambda _: shot.done() or shot.set_result(None))
        try:
            with stop.interrupting(shot):
                await shot
        except Stopped:
            return

    def _soon(self) -> timedelta | None:
        """How long until the next booking leaves, where that is soon."""
        now = time.monotonic()
        if any(until > now for until in self._overdue.values()):
            return SHORTEST_NAP
        due = self._gun.next_pull
        if due is None:
            return None
        left = due - datetime.now(UTC)
        return left if left < SOON else None

    async def _watched(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(LONGEST.total_seconds()):
                while (left := self._soon()) is not None:
                    nap = max(left, SHORTEST_NAP)
                    await asyncio.sleep(nap.total_seconds())
