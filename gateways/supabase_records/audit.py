from uuid import UUID

from pydantic import TypeAdapter

from domain.audit import AuditEvent, AuditVerdict
from gateways.supabase_records.client import DataApiClient

_TRAIL = TypeAdapter(list[AuditEvent])
_VERDICT = TypeAdapter(AuditVerdict)


class Audit(DataApiClient):
    """The audit trail."""

    async def audit_trail(self, registration_id: UUID) -> list[AuditEvent]:
        return await self._call("audit_trail", _TRAIL, registration_id=registration_id)

    async def verify_audit(self, registration_id: UUID) -> AuditVerdict:
        return await self._call("verify_audit", _VERDICT, registration_id=registration_id)
