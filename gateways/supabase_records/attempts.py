from datetime import datetime
from uuid import UUID

from pydantic import TypeAdapter

from domain.attempts import ArmedBy, OpenedAttempt
from gateways.supabase_records.client import ANY, DataApiClient

_OPENED_ATTEMPT = TypeAdapter(OpenedAttempt)


class Attempts(DataApiClient):
    """Markers of what may have been sent."""

    async def open_attempt(
        self,
        registration_id: UUID,
        send_at: datetime,
        operation_key: str,
        lease_id: UUID | None = None,
        armed_by: ArmedBy | None = None,
    ) -> OpenedAttempt:
        return await self._call(
            "open_attempt",
            _OPENED_ATTEMPT,
            registration_id=registration_id,
            send_at=send_at,
            operation_key=operation_key,
            lease_id=lease_id,
            armed_by=armed_by,
        )

    async def close_attempt(
        self, registration_id: UUID, fence: int, outcome: str, evidence: str | None
    ) -> None:
        await self._call(
            "close_attempt",
            ANY,
            registration_id=registration_id,
            fence=fence,
            outcome=outcome,
            evidence=evidence,
        )
