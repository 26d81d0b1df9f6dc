"""The requests of one provider account: who may be under way, and when."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from activities.known_pauses import KnownPauses
from activities.starting_gun import Pull, pulled
from activities.stop import Stop
from domain.contracts import BookOrder
from domain.pacing import Pace, Pause
from domain.registrations import Agreement

CLOSEST = 0.8
"""Of the account's spacing: what an event loop's own jitter may take off the distance of two that
are both in time."""


class AccountQueue:
    """Concurrency within the account's limit, first come first served, and its pause."""

    def __init__(self, agreement: Agreement, pauses: KnownPauses, share: Callable[[], int]) -> None:
        account = agreement.account
        self._account = (account.provider, account.org_ref)
        self._pauses = pauses
        self._share = share
        self._under_way = 0
        self._waiting: deque[tuple[asyncio.Future[None], Pull | None]] = deque()
        self._entered_at = float("-inf")
        self._timer: asyncio.TimerHandle | None = None
        self.pace: Pace = account.pace

    @asynccontextmanager
    async def turn(self, stop: Stop, pull: Pull | None = None) -> AsyncGenerator[None]:
        """One request under way. Does not wait at all where there is room.

        Args:
            stop: ends the wait.
            pull: called as soon as the turn is had after a wait, before who waits wakes: behind
                the answers of a hundred others that is long. What it raises ends the wait.

        Raises:
            Stopped: it was asked for while others were under way.
        """
        if not self.entered_at_once():
            await self._wait(stop, pull)
        try:
            yield
        finally:
            self.leave()

    def entered_at_once(self) -> bool:
        """Take a turn where there is room now; whether it was had. To be given back by `leave`."""
        if self._waiting or self._under_way >= self._room or self._too_close() > 0:
            return False
        self._enter()
        return True

    def leave(self) -> None:
        """Give a turn back."""
        self._under_way -= 1
        self._wake()

    def put_off(self, order: BookOrder, opening: datetime) -> datetime:
        """When that may be sent, as far as is known here."""
        pause, reckoned = self._pauses.of(*self._account), order.pause_reckoned
        if pause is None or (reckoned is not None and pause.until <= reckoned):
            return order.send_at
        if reckoned is not None and pause.since <= reckoned <= order.send_at:
            # The pause that the send time has in it already, grown since.
            return order.send_at + (pause.until - reckoned)
        return pause.put_off(order.send_at, opening)

    async def look_for_pause(self, now: datetime) -> None:
        """Read what another process may have written. Raises as `KnownPauses.look` does."""
        await self._pauses.look(now)

    async def pause(self, since: datetime, until: datetime) -> None:
        """The provider asked for quiet: everything not yet sent is put off, everywhere.

        Raises as `KnownPauses.tell` does.
        """
        await self._pauses.tell(*self._account, Pause(since=since, until=until))

    @property
    def _room(self) -> int:
        # The account's limit holds over all processes; no fewer than one, or nothing would move.
        return max(1, self.pace.concurrency // max(1, self._share()))

    async def _wait(self, stop: Stop, pull: Pull | None) -> None:
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((mine, pull))
        self._wake()
        try:
            with stop.interrupting(mine):
                await mine
        except BaseException:
            if (mine, pull) in self._waiting:
                self._waiting.remove((mine, pull))
            else:  # it had its turn already, and gives it to the next
                self._under_way -= 1
                self._wake()
            raise

    def _wake(self) -> None:
        while self._waiting and self._under_way < self._room:
            if (left := self._too_close()) > 0:
                if self._timer is None:
                    self._timer = asyncio.get_running_loop().call_later(left, self._again)
                return
            shot, pull = self._waiting.popleft()
            if not shot.done():
                self._enter()
                pulled(shot, pull)

    def _again(self) -> None:
        self._timer = None
        self._wake()

    def _enter(self) -> None:
        self._under_way += 1
        self._entered_at = asyncio.get_running_loop().time()

    def _too_close(self) -> float:
        """Seconds until the next may follow the last, which may have been late itself."""
        apart = self.pace.spacing.total_seconds() * CLOSEST
        return self._entered_at + apart - asyncio.get_running_loop().time()
