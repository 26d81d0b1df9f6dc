"""Finding what can be scheduled."""

from domain.answers import ProgramAnswer
from gateways import Records

FIND_LIMIT = 50
"""Programs that one search answers at most."""


class Programs:
    """The programs known here, the same for every user."""

    def __init__(self, records: Records) -> None:
        self._records = records

    async def find(self, text: str | None, org_ref: str | None) -> list[ProgramAnswer]:
        """Programs that have not begun, soonest opening first; `text` is searched in names."""
        found = await self._records.find_programs(text, org_ref, FIND_LIMIT)
        return [ProgramAnswer.of(program) for program in found]
