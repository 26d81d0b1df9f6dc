from uuid import UUID

from pydantic import TypeAdapter

from domain.cancellation import CancellationWish, NewWish
from domain.sweeps import RunSweep
from gateways.supabase_records.client import ANY, DataApiClient

_PERHAPS_WISH = TypeAdapter[CancellationWish | None](CancellationWish | None)
_WISHES = TypeAdapter(tuple[CancellationWish, ...])


class Wishes(DataApiClient):
    """Wishes to give a booking back."""

    async def keep_wish(self, wish: NewWish) -> None:
        await self._call("keep_wish", ANY, wish=wish)

    async def drop_wish(self, registration_id: UUID, message: str | None = None) -> None:
        await self._call("drop_wish", ANY, registration_id=registration_id, message=message)

    async def cancellation_wish(self, registration_id: UUID) -> CancellationWish | None:
        return await self._call("cancellation_wish", _PERHAPS_WISH, registration_id=registration_id)

    async def wishes_to_check(self, sweep: RunSweep) -> tuple[CancellationWish, ...]:
        return await self._call("wishes_to_check", _WISHES, sweep=sweep)
