"""When accounts are paused, as far as this process knows: one look tells it of all of them."""

import asyncio
from datetime import datetime, timedelta

from domain.pacing import Pause
from gateways import Records

READ_AGAIN_AFTER = timedelta(milliseconds=250)
"""All that are due soon share one look, of whichever account: each costs this process some
milliseconds, and a hundred queues that look for themselves held each other's bookings up by two
hundred."""


class KnownPauses:
    """What bookings of this process were told, and what others wrote down."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._pauses: dict[tuple[str, str], Pause] = {}
        self._looked_at: datetime | None = None
        self._looking: asyncio.Task[None] | None = None

    def of(self, provider: str, org_ref: str) -> Pause | None:
        """The account's latest; None where none is known."""
        return self._pauses.get((provider, org_ref))

    async def look(self, now: datetime) -> None:
        """Read what other processes wrote; one look for all.

        Raises:
            RecordsError: the database did not answer.
        """
        if self._looked_at is not None and now - self._looked_at < READ_AGAIN_AFTER:
            return
        if self._looking is None:
            self._looking = asyncio.create_task(self._look(now))
            self._looking.add_done_callback(self._looked)
        await asyncio.shield(self._looking)

    async def tell(self, provider: str, org_ref: str, pause: Pause) -> None:
        """The provider asked for quiet: write it down for everybody.

        Raises:
            RecordsError: the database did not answer; this process keeps to it all the same.
        """
        self._keep(provider, org_ref, pause)
        self._keep(provider, org_ref, await self._records.pause_account(provider, org_ref, pause))

    async def _look(self, now: datetime) -> None:
        self._looked_at = now
        for found in await self._records.account_pauses():
            self._keep(found.provider, found.org_ref, found.pause)

    def _looked(self, looking: asyncio.Task[None]) -> None:
        self._looking = None
        if not looking.cancelled():
            looking.exception()

    def _keep(self, provider: str, org_ref: str, pause: Pause) -> None:
        standing = self._pauses.get((provider, org_ref))
        ended = standing is None or standing.until < pause.since
        kept = pause if standing is None or ended else standing.widened(pause)
        self._pauses[provider, org_ref] = kept
