from mcp.server.mcpserver.tools import Tool

from domain.erasures import DeletionAnswer
from front_door.deletions import Deletions
from mcp_server.identity import caller
from mcp_server.tools.description import CHANGES, described


class AccountTools:
    """The account itself."""

    def __init__(self, deletions: Deletions) -> None:
        self._deletions = deletions

    def tools(self) -> list[Tool]:
        """The tools of this subject."""
        return [
            described(self.request_account_deletion, "Delete the account", CHANGES),
            described(self.cancel_account_deletion, "Keep the account", CHANGES),
        ]

    async def request_account_deletion(self) -> DeletionAnswer:
        """Ask to have the parent's account deleted: profile, children, card, everything scheduled.

        Only when the parent says so in clear words; ask once more. It is deleted in the night
        after deleted_after, thirty days on. Until then cancel_account_deletion keeps it, and a
        letter says so. What opens before is booked as planned, but nothing new can be scheduled.
        A paid plan ends with the account. Receipts and payments are kept as the law asks, without
        saying whose they were. Refused while a registration opens later than that: cancel it first.
        """
        return await self._deletions.request(caller.get())

    async def cancel_account_deletion(self) -> DeletionAnswer:
        """Keep the account after all: nothing is deleted, and everything can be scheduled again.

        Refused where nobody asked to delete it.
        """
        return await self._deletions.cancel(caller.get())
