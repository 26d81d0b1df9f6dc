from mcp.server.mcpserver.tools import Tool

from front_door.programs import Programs
from mcp_server.answers import ProgramsAnswer
from mcp_server.arguments import OptionalOrgRef, SearchText
from mcp_server.tools.description import READS, described


class ProgramTools:
    """Finding what can be scheduled."""

    def __init__(self, programs: Programs) -> None:
        self._programs = programs

    def tools(self) -> list[Tool]:
        """The tools of this subject."""
        return [described(self.find_programs, "Find programs", READS)]

    async def find_programs(
        self, text: SearchText = None, org_ref: OptionalOrgRef = None
    ) -> ProgramsAnswer:
        """Find programs that have not begun yet, soonest registration opening first.

        Each result has the org_ref, program_ref and event_id that schedule_registration needs,
        the price per child in cents, and opens_at: when registration opens, as far as known.
        Where opens_at is null, ask the parent when registration opens. Without arguments all
        programs are listed, at most 50.
        """
        return ProgramsAnswer(programs=tuple(await self._programs.find(text, org_ref)))
