from pydantic import TypeAdapter

from domain.programs import FoundProgram, Program, ProviderAccount
from gateways.supabase_records.client import ANY, DataApiClient

_PROGRAM = TypeAdapter(Program)
_FOUND = TypeAdapter[FoundProgram | None](FoundProgram | None)
_ACCOUNTS = TypeAdapter(list[ProviderAccount])
_ALL_FOUND = TypeAdapter(list[FoundProgram])


class Programs(DataApiClient):
    """What can be booked."""

    async def save_provider_account(self, account: ProviderAccount) -> None:
        await self._call("save_provider_account", ANY, account=account)

    async def provider_accounts(self) -> list[ProviderAccount]:
        return await self._call("provider_accounts", _ACCOUNTS)

    async def save_program(self, program: Program) -> Program:
        return await self._call("save_program", _PROGRAM, program=program)

    async def find_programs(
        self, text: str | None, org_ref: str | None, limit: int
    ) -> list[FoundProgram]:
        return await self._call(
            "find_programs", _ALL_FOUND, text=text, org_ref=org_ref, limit=limit
        )

    async def program(self, org_ref: str, program_ref: str, event_id: str) -> FoundProgram | None:
        return await self._call(
            "get_program", _FOUND, org_ref=org_ref, program_ref=program_ref, event_id=event_id
        )
