from datetime import timedelta
from uuid import UUID

from pydantic import TypeAdapter

from domain.attempts import LeaseRenewal, Orphan
from gateways.supabase_records.client import ANY, DataApiClient

_RENEWAL = TypeAdapter(LeaseRenewal)
_ORPHANS = TypeAdapter(tuple[Orphan, ...])
_IDS = TypeAdapter(tuple[UUID, ...])


class Leases(DataApiClient):
    """What shows that a process with armed bookings is alive."""

    async def renew_lease(self, lease_id: UUID, ttl: timedelta) -> LeaseRenewal:
        return await self._call_promptly("renew_lease", _RENEWAL, lease_id=lease_id, ttl=ttl)

    async def end_lease(self, lease_id: UUID) -> None:
        await self._call_promptly("end_lease", ANY, lease_id=lease_id)

    async def orphans(self) -> tuple[Orphan, ...]:
        return await self._call_promptly("orphans", _ORPHANS)

    async def unmarked(self, since: timedelta, limit: int) -> tuple[UUID, ...]:
        return await self._call_promptly("unmarked", _IDS, since=since, limit=limit)

    async def ask_release(self, registration_id: UUID) -> None:
        await self._call("ask_release", ANY, registration_id=registration_id)
