"""The marker an attempt acts under, and the lease that the marker stands on."""

import asyncio
from uuid import uuid4

from activities.lease import Lease
from activities.stop import Stop
from domain.attempts import ArmedBy, OpenedAttempt
from domain.contracts import BookOrder
from domain.errors import Conflict, RecordsUnavailable, Unavailable
from domain.identifiers import operation_key
from gateways import Records

ASKED_AGAIN_AFTER = (0.2, 0.5, 1.0, 2.0)
"""Seconds before each repeat of the opening of a marker."""


class OwnMarker:
    """One open marker at a time.

    Attributes:
        fence: its number; 0 before the first is open.
    """

    def __init__(self, order: BookOrder, records: Records, lease: Lease, armed_by: ArmedBy) -> None:
        self._order = order
        self._records = records
        self._lease = lease
        self._armed_by = armed_by
        self._release_asked = False
        self.fence = 0

    @property
    def stands(self) -> bool:
        """Whether something may be sent under it now."""
        return self._lease.fresh

    async def open(self) -> OpenedAttempt:
        """Write it. The fence is its own, never Temporal's attempt, which a reset starts anew."""
        return await self._surely_open(f"attempt/{uuid4()}")

    async def close(self, outcome: str, evidence: str | None = None) -> None:
        """Close it as `released`, `refused` or `nothing_found`. Raises as the records do."""
        await self._records.close_attempt(
            self._order.registration_id, self.fence, outcome, evidence
        )

    async def release(self) -> None:
        """Nothing was sent under it. A successor that found so first has closed it already."""
        try:
            await self.close("released")
        except Conflict:
            return

    async def renew(self, outcome: str, evidence: str | None = None) -> None:
        """Close it and open the next.

        Raises:
            Unavailable: a successor has taken over meanwhile: it decides. Or the permission was
                withdrawn between the two, so nothing more is sent on what was known of it.
        """
        try:
            await self.close(outcome, evidence)
        except Conflict:
            raise Unavailable("a later attempt has taken over") from None
        again = await self._surely_open(f"attempt/after-{self.fence}")
        if again.unclosed or again.nothing_found > 1 or again.booked:
            await self.release()
            raise Unavailable("a later attempt has taken over")
        if again.revoked:
            await self.release()
            raise Unavailable("the permission was withdrawn meanwhile")

    def heed(self, stop: Stop) -> None:
        """Pass on a wish to have the booking back that came with the latest marker."""
        if self._release_asked:
            stop.ask(release=True)

    async def stand_again(self) -> None:
        """Wait until it does, after a lapse of the lease in which it may have been judged dead.

        Where a successor has taken over meanwhile, the renewal itself has asked the lane to stop:
        look at that before anything is sent. Where none has, the marker stands as it stood.

        Raises:
            RecordsUnavailable: the database renews no lease.
        """
        await self._lease.until_fresh()

    async def _surely_open(self, step: str) -> OpenedAttempt:
        """One whose answer was lost is open all the same, and whoever came next would have to take
        it for a second send: so it is asked for until it is known.
        """
        for pause in ASKED_AGAIN_AFTER:
            try:
                return await self._open(step)
            except RecordsUnavailable:
                await asyncio.sleep(pause)
        return await self._open(step)

    async def _open(self, step: str) -> OpenedAttempt:
        registration_id = self._order.registration_id
        opened = await self._records.open_attempt(
            registration_id,
            self._order.send_at,
            operation_key(registration_id, step),
            self._lease.id,
            self._armed_by,
        )
        self.fence = opened.marker.fence
        self._release_asked = opened.release_asked
        return opened
