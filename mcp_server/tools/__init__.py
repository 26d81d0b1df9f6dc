"""The chat tools, one file a subject; each method's docstring is what the chat reads of it."""

from mcp.server.mcpserver.tools import Tool

from mcp_server.asking import Asking
from mcp_server.tools.account import AccountTools
from mcp_server.tools.cards import CardTools
from mcp_server.tools.family import FamilyTools
from mcp_server.tools.programs import ProgramTools
from mcp_server.tools.receipts import ReceiptTools
from mcp_server.tools.registrations import RegistrationTools
from starter import FrontDoor


def every_tool(door: FrontDoor, *, asks: bool) -> list[Tool]:
    """All tools over that door, in the order in which a parent meets them.

    `asks`: whether a parent may be asked once more before a confirm counts.
    """
    return [
        *ProgramTools(door.programs).tools(),
        *FamilyTools(door.family).tools(),
        *CardTools(door.cards).tools(),
        *RegistrationTools(
            door.drafts, door.changes, door.registrations, Asking(door.agreements, asks=asks)
        ).tools(),
        *ReceiptTools(door.registrations).tools(),
        *AccountTools(door.deletions).tools(),
    ]
