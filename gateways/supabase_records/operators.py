from datetime import timedelta
from uuid import UUID

from pydantic import TypeAdapter

from domain.ledger import Ledger
from domain.openings import Openings
from gateways.supabase_records.client import DataApiClient
from gateways.supabase_records.kept_people import KeptOpenings

_OPENINGS = TypeAdapter(KeptOpenings)
_LEDGER = TypeAdapter(Ledger)


class Operators(DataApiClient):
    """What an operator's look reads."""

    async def openings(self, within: timedelta, limit: int) -> Openings:
        kept = await self._call("openings", _OPENINGS, within=within, limit=limit)
        return self._people.openings(kept)

    async def ledger(self, registration_id: UUID) -> Ledger:
        return await self._call("registration_ledger", _LEDGER, registration_id=registration_id)
