from datetime import datetime
from uuid import UUID, uuid4

from pydantic import SecretStr

from domain.contracts import CancelOrder, RescheduleOrder, Standing
from domain.errors import RecordRejected
from domain.programs import OpeningSource
from domain.refusals import Reason
from domain.registrations import Mandate, Registration
from domain.states import AuditKind, NotificationKind, RegistrationStatus
from gateways.fakes.records.chain import instant_text
from gateways.fakes.records.mandates import Mandates, check_token


class Transitions(Mandates):
    """What happens to a registration before anything is sent."""

    async def confirm(
        self,
        registration_id: UUID,
        expected_version: int,
        mandate_valid_until: datetime,
        operation_key: str,
        mandate_id: UUID | None = None,
        mandate_token: SecretStr | None = None,
    ) -> Standing:
        self.row(registration_id)
        if first := self.operations.first(operation_key, "confirm", registration_id, Standing):
            return first
        row = self.expect(registration_id, expected_version, RegistrationStatus.DRAFT)
        self.expect_plans(row.user_id)
        if self.rivals(row):
            raise RecordRejected(
                "already_registered", "a child is already registered for this event"
            )
        check_token(mandate_token)
        mandate = self._mandate(row, mandate_id or uuid4(), mandate_valid_until, mandate_token)
        self.mandates[row.id] = mandate
        standing = self.move(
            row,
            AuditKind.CONFIRMED,
            operation_key,
            {
                "mandate_id": str(mandate.id),
                "valid_until": instant_text(mandate.valid_until),
                "max_total_cents": row.max_total_cents,
                "success_fee_cents": row.success_fee_cents,
                "currency": row.currency,
                "summary_digest": row.summary_digest,
            },
            status=RegistrationStatus.PENDING,
            mandate_id=mandate.id,
            confirmed_at=self.now(),
        )
        self.tell(row.id, NotificationKind.SCHEDULED)
        return self.operations.keep(operation_key, "confirm", row.id, standing)

    async def reschedule(
        self,
        order: RescheduleOrder,
        mandate_valid_until: datetime | None = None,
        mandate_token: SecretStr | None = None,
    ) -> Standing:
        self.row(order.registration_id)
        if first := self.operations.first(
            order.operation_key, "reschedule", order.registration_id, Standing
        ):
            return first
        row = self.expect(
            order.registration_id,
            order.expected_version,
            RegistrationStatus.PENDING,
            RegistrationStatus.EXECUTING,
        )
        self.require_unsent(row)
        self.expect_plans(row.user_id, order.scheduled_time)
        check_token(mandate_token)
        mandate = self.mandates[row.id]
        moved_by = order.scheduled_time - row.scheduled_time
        until = mandate_valid_until or mandate.valid_until + moved_by
        if until != mandate.valid_until:
            self.mandates[row.id] = mandate.model_copy(
                update={"valid_until": until, "token": mandate_token}
            )
        standing = self.move(
            row,
            AuditKind.RESCHEDULED,
            order.operation_key,
            {"from": instant_text(row.scheduled_time), "to": instant_text(order.scheduled_time)},
            status=RegistrationStatus.PENDING,
            scheduled_time=order.scheduled_time,
            time_zone=order.time_zone,
            opening_source=OpeningSource.PARENT,
        )
        self.tell(row.id, NotificationKind.RESCHEDULED)
        return self.operations.keep(order.operation_key, "reschedule", row.id, standing)

    async def cancel(self, order: CancelOrder) -> Standing:
        self.row(order.registration_id)
        if first := self.operations.first(
            order.operation_key, "cancel", order.registration_id, Standing
        ):
            return first
        row = self.expect(
            order.registration_id,
            order.expected_version,
            RegistrationStatus.DRAFT,
            RegistrationStatus.PENDING,
            RegistrationStatus.EXECUTING,
        )
        self.require_unsent(row)
        standing = self.move(
            row,
            AuditKind.CANCELLED,
            order.operation_key,
            {"from": row.status.value},
            status=RegistrationStatus.CANCELLED,
        )
        if row.status is not RegistrationStatus.DRAFT:
            self.tell(row.id, NotificationKind.CANCELLED)
        return self.operations.keep(order.operation_key, "cancel", row.id, standing)

    async def note_problems(
        self, registration_id: UUID, problems: tuple[Reason, ...], operation_key: str
    ) -> None:
        self.row(registration_id)
        if self.operations.first(operation_key, "note_problems", registration_id, bool):
            return
        codes = [problem.code for problem in problems]
        self.record(registration_id, AuditKind.PROBLEM_FOUND, operation_key, {"codes": codes})
        message = " ".join(problem.sentence for problem in problems)
        self.tell(registration_id, NotificationKind.PROBLEM_AHEAD, {"message": message})
        self.operations.keep(operation_key, "note_problems", registration_id, answer=True)

    def _mandate(
        self,
        row: Registration,
        mandate_id: UUID,
        valid_until: datetime,
        token: SecretStr | None,
    ) -> Mandate:
        return Mandate(
            id=mandate_id,
            user_id=row.user_id,
            registration_id=row.id,
            program_ref=row.program_ref,
            event_id=row.event_id,
            child_ids=self.row_children[row.id],
            max_total_cents=row.max_total_cents,
            currency=row.currency,
            issued_at=self.now(),
            valid_until=valid_until,
            token=token,
        )
