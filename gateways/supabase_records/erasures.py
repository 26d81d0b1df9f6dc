from datetime import datetime, timedelta
from uuid import UUID

from pydantic import TypeAdapter

from domain.erasures import Erasure, ErasureCase, ErasureLetter
from gateways.supabase_records.client import ANY, DataApiClient

_CASE = TypeAdapter(ErasureCase)
_ERASURE = TypeAdapter(Erasure)
_PERHAPS = TypeAdapter[Erasure | None](Erasure | None)
_ACCOUNTS = TypeAdapter(tuple[UUID, ...])


class Erasures(DataApiClient):
    """Accounts to be deleted."""

    async def erasure_case(self, user_id: UUID) -> ErasureCase:
        return await self._call("erasure_case", _CASE, user_id=user_id)

    async def ask_erasure(self, user_id: UUID, grace: timedelta) -> Erasure:
        return await self._call("ask_erasure", _ERASURE, user_id=user_id, grace=grace)

    async def withdraw_erasure(self, user_id: UUID) -> Erasure:
        return await self._call("withdraw_erasure", _ERASURE, user_id=user_id)

    async def due_erasures(self, at: datetime, limit: int) -> tuple[UUID, ...]:
        return await self._call("due_erasures", _ACCOUNTS, at=at, limit=limit)

    async def begin_erasure(self, user_id: UUID) -> Erasure:
        return await self._call("begin_erasure", _ERASURE, user_id=user_id)

    async def erase_rows(self, user_id: UUID) -> Erasure:
        return await self._call("erase_rows", _ERASURE, user_id=user_id)

    async def note_erasure_told(self, user_id: UUID, letter: ErasureLetter) -> None:
        await self._call("note_erasure_told", ANY, user_id=user_id, letter=letter)

    async def finish_erasure(self, user_id: UUID) -> Erasure:
        return await self._call("finish_erasure", _ERASURE, user_id=user_id)

    async def reapply_erasure(self, erasure: Erasure) -> Erasure | None:
        return await self._call("reapply_erasure", _PERHAPS, erasure=erasure)
