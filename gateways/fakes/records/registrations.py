from uuid import UUID

from domain.errors import RecordMissing, RecordRejected
from domain.identifiers import operation_key
from domain.registrations import Agreement, Dossier, NewDraft, Receipt, Registration, Rival
from domain.states import LIVE_STATUSES, AuditKind, FeeStatus, RegistrationStatus
from gateways.fakes.records.codes import fresh_code
from gateways.fakes.records.tables import Tables


class Registrations(Tables):
    """Drafting a registration, and reading registrations and receipts."""

    async def draft(self, draft: NewDraft) -> Registration:
        if draft.user_id not in self.profiles:
            raise RecordMissing("there is no such user")
        if draft.program_id not in self.programs:
            raise RecordMissing("there is no such program")
        if not draft.child_ids:
            raise RecordRejected("no_children", "a registration needs at least one child")
        if len(set(draft.child_ids)) < len(draft.child_ids):
            raise RecordRejected("child_twice", "a child is named twice")
        if not set(draft.child_ids) <= {child.id for child in self.family[draft.user_id]}:
            raise RecordRejected("not_your_child", "a child is not in this account")
        self.expect_plans(draft.user_id)
        program = self.programs[draft.program_id]
        row = Registration(
            **draft.model_dump(exclude={"child_ids"}),
            code=fresh_code("SCH", {row.code for row in self.rows.values()}),
            provider=program.provider,
            org_ref=program.org_ref,
            program_ref=program.program_ref,
            event_id=program.event_id,
            currency=program.currency,
            status=RegistrationStatus.DRAFT,
            fee_status=FeeStatus.NOT_DUE,
            version=1,
            created_at=self.now(),
        )
        self.rows[row.id] = row
        self.row_children[row.id] = draft.child_ids
        detail = {"program_id": str(row.program_id), "max_total_cents": row.max_total_cents}
        self.record(row.id, AuditKind.DRAFTED, operation_key(row.id, "draft"), detail)
        return self.rows[row.id]

    async def registration(self, registration_id: UUID) -> Registration:
        return self.shown(self.row(registration_id))

    async def registrations(self, user_id: UUID, limit: int) -> list[Registration]:
        own = [row for row in self.rows.values() if row.user_id == user_id]
        latest = sorted(own, key=lambda row: row.created_at)[::-1]
        return [self.shown(row) for row in latest[:limit]]

    async def all_registrations(self, limit: int, status: str | None) -> list[Registration]:
        wanted = [row for row in self.rows.values() if status in {None, row.status.value}]
        soonest = sorted(wanted, key=lambda row: row.scheduled_time)
        return [self.shown(row) for row in soonest[:limit]]

    async def registration_by_code(self, code: str) -> Registration | None:
        for row in self.rows.values():
            if code.upper() in {row.code, row.receipt_code}:
                return self.shown(row)
        return None

    async def agreement(self, registration_id: UUID) -> Agreement:
        return self.assemble(registration_id)

    async def dossier(self, registration_id: UUID) -> Dossier:
        row = self.row(registration_id)
        agreement = self.assemble(registration_id)
        family = {child.id: child for child in self.family[row.user_id]}
        return Dossier.model_validate(
            {
                **{name: getattr(agreement, name) for name in Agreement.model_fields},
                "guardian": self.profiles[row.user_id].guardian,
                "children": tuple(
                    family[child_id] for child_id in agreement.child_ids if child_id in family
                ),
                "reader": self.profiles[row.user_id].reader,
            }
        )

    def words(self, row: Registration) -> str:
        return row.summary

    async def receipts(self, user_id: UUID, limit: int) -> list[Receipt]:
        own = [
            receipt
            for receipt in self.issued.values()
            if self.rows[receipt.scheduled_registration_id].user_id == user_id
        ]
        return _latest(own)[:limit]

    async def all_receipts(self, limit: int) -> list[Receipt]:
        return _latest(list(self.issued.values()))[:limit]

    def assemble(self, registration_id: UUID) -> Agreement:
        """The registration with everything around it but the people."""
        row = self.row(registration_id)
        profile = self.profiles[row.user_id]
        return Agreement(
            registration=self.shown(row),
            program=self.programs[row.program_id],
            account=self.accounts[row.provider, row.org_ref],
            child_ids=self.row_children[row.id],
            stripe_customer_id=profile.stripe_customer_id,
            card=profile.card,
            mandate=self.mandates.get(row.id),
            rivals=self.rivals(row),
        )

    def rivals(self, row: Registration) -> tuple[Rival, ...]:
        """Other live registrations of the same children for the same event."""
        return tuple(
            Rival(child_id=child_id, code=other.code)
            for other in self.rows.values()
            if other.id != row.id and other.status in LIVE_STATUSES and _event(other) == _event(row)
            for child_id in self.row_children[row.id]
            if child_id in self.row_children[other.id]
        )


def _event(row: Registration) -> tuple[str, str, str, str]:
    return (row.provider, row.org_ref, row.program_ref, row.event_id)


def _latest(receipts: list[Receipt]) -> list[Receipt]:
    return sorted(receipts, key=lambda receipt: receipt.issued_at)[::-1]
