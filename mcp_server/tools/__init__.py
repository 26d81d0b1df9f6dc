"""The chat tools, one file a subject; each method's docstring is what the chat reads of it."""

from mcp.server.mcpserver.tools import Tool

from mcp_server.tools.cards import CardTools
from mcp_server.tools.family import FamilyTools
from mcp_server.tools.programs import ProgramTools
from mcp_server.tools.receipts import ReceiptTools
from mcp_server.tools.registrations import RegistrationTools
from starter import FrontDoor


def every_tool(door: FrontDoor) -> list[Tool]:
    """All tools over that door, in the order in which a parent meets them."""
    return [
        *ProgramTools(door.programs).tools(),
        *FamilyTools(door.family).tools(),
        *CardTools(door.cards).tools(),
        *RegistrationTools(door.drafts, door.changes, door.registrations).tools(),
        *ReceiptTools(door.registrations).tools(),
    ]
