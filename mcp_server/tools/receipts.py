from mcp.server.mcpserver.tools import Tool

from front_door.registrations import Registrations
from mcp_server.answers import AuditTrailAnswer, ReceiptsAnswer
from mcp_server.arguments import RegistrationId
from mcp_server.identity import caller
from mcp_server.tools.description import READS, described


class ReceiptTools:
    """Proof of what was done."""

    def __init__(self, registrations: Registrations) -> None:
        self._registrations = registrations

    def tools(self) -> list[Tool]:
        """The tools of this subject."""
        return [
            described(self.list_receipts, "List the receipts", READS),
            described(self.get_audit_trail, "Look at everything that happened", READS),
        ]

    async def list_receipts(self) -> ReceiptsAnswer:
        """List the receipts of this account's bookings, latest first, at most 100.

        Each has its REG- code, the booking number, what was charged, and how many milliseconds
        after the opening the booking request was sent.
        """
        return ReceiptsAnswer(receipts=tuple(await self._registrations.receipts(caller.get())))

    async def get_audit_trail(self, registration_id: RegistrationId) -> AuditTrailAnswer:
        """Look at every step of one registration, in order, with the check of its hash chain.

        verdict.holds says whether the record is whole and unaltered.
        """
        events, verdict = await self._registrations.audit_trail(caller.get(), registration_id)
        return AuditTrailAnswer(
            registration_id=registration_id, verdict=verdict, events=tuple(events)
        )
