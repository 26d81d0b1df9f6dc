from uuid import UUID

from pydantic import TypeAdapter

from domain.fields import FieldKeys, KeptRow, ResealedPage
from gateways.supabase_records.client import ANY, DataApiClient

_KEYS = TypeAdapter(FieldKeys)
_ROWS = TypeAdapter(tuple[KeptRow, ...])
_CHANGED = TypeAdapter(int)


class KeptFields(DataApiClient):
    """Which keys the fields are sealed with, and changing them."""

    async def field_keys(self) -> FieldKeys:
        return await self._call("field_keys", _KEYS)

    async def fields_to_reseal(
        self, table: str, after: UUID, key: str | None, limit: int
    ) -> tuple[KeptRow, ...]:
        return await self._call(
            "fields_to_reseal", _ROWS, table=table, after=after, key=key, limit=limit
        )

    async def reseal_fields(self, table: str, page: ResealedPage) -> int:
        return await self._call("reseal_fields", _CHANGED, table=table, page=page)

    async def demand_sealed_fields(self, demanded: bool) -> None:
        await self._call("demand_sealed_fields", ANY, demanded=demanded)
