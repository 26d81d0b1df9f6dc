from uuid import UUID

from domain.audit import AuditEvent, AuditVerdict, verify_chain
from gateways.fakes.records.tables import Tables


class Audit(Tables):
    """The audit trail."""

    async def audit_trail(self, registration_id: UUID) -> list[AuditEvent]:
        self.row(registration_id)
        return list(self.trails[registration_id])

    async def verify_audit(self, registration_id: UUID) -> AuditVerdict:
        head = self.row(registration_id).audit_head
        return verify_chain(self.trails[registration_id], expected_head=head)
