from datetime import UTC, datetime

from domain.errors import RecordRejected
from domain.programs import FoundProgram, Program, ProviderAccount
from gateways.fakes.records.tables import Tables

_NEVER = datetime.max.replace(tzinfo=UTC)


class Programs(Tables):
    """What can be booked."""

    async def save_provider_account(self, account: ProviderAccount) -> None:
        self.accounts[account.provider, account.org_ref] = account

    async def provider_accounts(self) -> list[ProviderAccount]:
        return [self.accounts[key] for key in sorted(self.accounts)]

    async def save_program(self, program: Program) -> Program:
        if (program.provider, program.org_ref) not in self.accounts:
            raise RecordRejected("unknown_account", "save the organisation's account first")
        for known in self.programs.values():
            if _event(known) == _event(program):
                program = program.model_copy(update={"id": known.id})
        self.programs[program.id] = program
        return program

    async def find_programs(
        self, text: str | None, org_ref: str | None, limit: int
    ) -> list[FoundProgram]:
        now = self.now()
        found = [
            program
            for program in self.programs.values()
            if program.starts_at > now
            and org_ref in {None, program.org_ref}
            and (text is None or text.casefold() in program.name.casefold())
        ]
        found.sort(key=lambda program: (program.opens_at or _NEVER, program.starts_at))
        return [self._found(program) for program in found[:limit]]

    async def program(self, org_ref: str, program_ref: str, event_id: str) -> FoundProgram | None:
        for program in self.programs.values():
            if _event(program)[1:] == (org_ref, program_ref, event_id):
                return self._found(program)
        return None

    def _found(self, program: Program) -> FoundProgram:
        account = self.accounts[program.provider, program.org_ref]
        return FoundProgram(program=program, organisation=account.name)


def _event(program: Program) -> tuple[str, str, str, str]:
    return (program.provider, program.org_ref, program.program_ref, program.event_id)
