"""What this process knows of one provider account: requests under way, and its pause."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from activities.stop import Stop
from domain.contracts import BookOrder
from domain.pacing import Pace, Pause
from domain.registrations import Dossier
from gateways import Records

READ_AGAIN_AFTER = timedelta(milliseconds=250)
"""All of an account that are due soon share one look at its pause."""


class AccountQueue:
    """Concurrency within the account's limit, first come first served, and one known pause."""

    def __init__(self, dossier: Dossier, records: Records, share: Callable[[], int]) -> None:
        account = dossier.account
        self._provider, self._org_ref = account.provider, account.org_ref
        self._records = records
        self._share = share
        self._under_way = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._pause: Pause | None = None
        self._looked_at: datetime | None = None
        self._looking: asyncio.Task[None] | None = None
        self.pace: Pace = account.pace

    @asynccontextmanager
    async def turn(self, stop: Stop) -> AsyncGenerator[None]:
        """One request under way. Does not wait at all where there is room.

        Raises:
            Stopped: it was asked for while others were under way.
        """
        if not self.entered_at_once():
            await self._wait(stop)
        try:
            yield
        finally:
            self.leave()

    def entered_at_once(self) -> bool:
        """Take a turn where there is room now; whether it was had. To be given back by `leave`."""
        if self._under_way >= self._room or self._waiting:
            return False
        self._under_way += 1
        return True

    def leave(self) -> None:
        """Give a turn back."""
        self._under_way -= 1
        self._wake()

    def put_off(self, order: BookOrder, opening: datetime) -> datetime:
        """When that may be sent, as far as is known here."""
        pause, reckoned = self._pause, order.pause_reckoned
        if pause is None or (reckoned is not None and pause.until <= reckoned):
            return order.send_at
        if reckoned is not None and pause.since <= reckoned <= order.send_at:
            # The pause that the send time has in it already, grown since.
            return order.send_at + (pause.until - reckoned)
        return pause.put_off(order.send_at, opening)

    async def look_for_pause(self, now: datetime) -> None:
        """Read the account's row, which another process may have written; one look for all.

        Raises:
            RecordsError: the database did not answer.
        """
        if self._looked_at is not None and now - self._looked_at < READ_AGAIN_AFTER:
            return
        if self._looking is None:
            self._looking = asyncio.create_task(self._look(now))
            self._looking.add_done_callback(self._looked)
        await asyncio.shield(self._looking)

    async def pause(self, since: datetime, until: datetime) -> None:
        """The provider asked for quiet: everything not yet sent is put off, everywhere.

        Raises:
            RecordsError: the database did not answer; this process keeps to it all the same.
        """
        asked = Pause(since=since, until=until)
        self._keep(asked)
        self._keep(await self._records.pause_account(self._provider, self._org_ref, asked))

    @property
    def _room(self) -> int:
        # The account's limit holds over all processes; no fewer than one, or nothing would move.
        return max(1, self.pace.concurrency // max(1, self._share()))

    async def _wait(self, stop: Stop) -> None:
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(mine)
        try:
            with stop.interrupting(mine):
                await mine
        except BaseException:
            if mine in self._waiting:
                self._waiting.remove(mine)
            else:  # it had its turn already, and gives it to the next
                self._under_way -= 1
                self._wake()
            raise

    def _wake(self) -> None:
        while self._waiting and self._under_way < self._room:
            shot = self._waiting.popleft()
            if not shot.done():
                self._under_way += 1
                shot.set_result(None)

    async def _look(self, now: datetime) -> None:
        self._looked_at = now
        found = await self._records.account_pause(self._provider, self._org_ref)
        if found is not None:
            self._keep(found)

    def _looked(self, looking: asyncio.Task[None]) -> None:
        self._looking = None
        if not looking.cancelled():
            looking.exception()

    def _keep(self, pause: Pause) -> None:
        standing = self._pause
        if standing is None or standing.until < pause.since:
            self._pause = pause
        else:
            self._pause = standing.widened(pause)
