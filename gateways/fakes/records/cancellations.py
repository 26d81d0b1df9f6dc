from uuid import UUID

from domain.cancellation import BookingCancelledOrder, CancelledBy, CancelledOrder
from domain.contracts import Standing
from domain.errors import Conflict, RecordMissing, RecordRejected
from domain.identifiers import refund_key
from domain.payments import ChargeStatus
from domain.refunds import (
    GIVEN_BACK,
    REFUNDED_WITHIN,
    FeeKept,
    FrozenRefund,
    OpenedRefund,
    RefundOutcome,
    RefundReason,
    RefundStatus,
)
from domain.registrations import Registration
from domain.states import AuditKind, FeeStatus, NotificationKind, RegistrationStatus
from gateways.fakes.records.charges import MAY_TAKE_MONEY
from gateways.fakes.records.tables import CancellationRow, ChargeRow, Tables


class Cancellations(Tables):
    """Bookings that are no more, and their fees given back."""

    async def booking_cancelled(self, order: BookingCancelledOrder) -> None:
        row = self.row(order.registration_id)
        if row.id in self.cancellations:
            return
        if row.status is not RegistrationStatus.COMPLETED:
            raise Conflict(f"the registration is {row.status.value}")
        self.cancellations[row.id] = CancellationRow(
            reason=order.reason, booking_cancelled_at=self.now()
        )
        detail = {
            "by": order.by.value,
            "reason": order.reason.value,
            "booking_number": row.booking_number,
        }
        self.record(row.id, AuditKind.BOOKING_CANCELLED, order.operation_key, detail)

    async def open_refund(self, registration_id: UUID, operation_key: str) -> OpenedRefund:
        row = self.row(registration_id)
        if row.id in self.refunds:
            return self.refunds[row.id]
        cancellation = self._being_cancelled(row)
        charge = self._paid(row)
        if charge is None:
            return OpenedRefund(kept=FeeKept.NOTHING_PAID)
        kept = self._kept(row, charge, cancellation)
        if kept is not None:
            return OpenedRefund(kept=kept)
        if charge.payment_intent_id is None:
            raise RecordRejected("invalid_refund", "the charge has no payment")
        refund = FrozenRefund(
            registration_id=row.id,
            idempotency_key=refund_key(row.id),
            charge_number=charge.charge.number,
            payment_intent_id=charge.payment_intent_id,
            amount=charge.charge.amount,
            reason=cancellation.reason,
            first_sent_at=self.now(),
        )
        detail = {**_given_back(refund), "reason": refund.reason.value}
        self.record(row.id, AuditKind.REFUND_FROZEN, operation_key, detail)
        self.refunds[row.id] = OpenedRefund(refund=refund)
        return self.refunds[row.id]

    async def settle_refund(
        self, registration_id: UUID, outcome: RefundOutcome, operation_key: str
    ) -> None:
        row = self.row(registration_id)
        opened = self.refunds.get(row.id)
        if opened is None or opened.refund is None:
            raise RecordMissing("there is no such refund")
        if outcome.status is RefundStatus.FROZEN:
            raise RecordRejected("bad_outcome", "a refund does not end like that")
        before = opened.outcome
        if before is not None and before.status is outcome.status:
            return
        sent_back = outcome.status is RefundStatus.FAILED
        if before is not None and not (
            before.status is RefundStatus.PENDING
            or (before.status is RefundStatus.SUCCEEDED and sent_back)
        ):
            raise Conflict(f"the refund ended already: {before.status.value}")
        self.refunds[row.id] = opened.model_copy(update={"outcome": outcome})
        self.refunds_settled[row.id] = self.now()
        if before is None and outcome.status in GIVEN_BACK:
            detail = _given_back(opened.refund)
            self.record(row.id, AuditKind.FEE_REFUNDED, operation_key, detail)
        elif row.fee_status is FeeStatus.REFUNDED and sent_back:
            self._paid_after_all(row, opened.refund, operation_key)
        elif row.fee_status is FeeStatus.REFUNDED and before is not None:
            self.tell(row.id, NotificationKind.REFUNDED)

    async def finish_cancellation(self, order: CancelledOrder) -> Standing:
        row = self.row(order.registration_id)
        name = "finish_cancellation"
        if first := self.operations.first(order.operation_key, name, row.id, Standing):
            return first
        self._being_cancelled(row)
        outcome = self.refunds.get(row.id, OpenedRefund()).outcome
        if outcome is not None and outcome.status in GIVEN_BACK:
            fee = FeeStatus.REFUNDED
        else:
            fee = FeeStatus.PAID if self._paid(row) else FeeStatus.NOT_DUE
        kept = order.kept.value if order.kept else None
        self.issued[row.id] = self.issued[row.id].model_copy(update={"fee_status": fee})
        standing = self.move(
            row,
            AuditKind.CANCELLED,
            order.operation_key,
            {"from": row.status.value, "by": order.by, "fee_status": fee.value, "kept": kept},
            status=RegistrationStatus.CANCELLED,
            fee_status=fee,
        )
        lost = order.by is CancelledBy.PROVIDER
        self.tell(
            row.id,
            NotificationKind.BOOKING_LOST if lost else NotificationKind.BOOKING_CANCELLED,
            {"kept": kept} if kept else None,
        )
        return self.operations.keep(order.operation_key, name, row.id, standing)

    def _paid_after_all(self, row: Registration, refund: FrozenRefund, operation_key: str) -> None:
        paid = FeeStatus.PAID
        self.issued[row.id] = self.issued[row.id].model_copy(update={"fee_status": paid})
        detail = {
            "fee_status": paid.value,
            "charge_number": refund.charge_number,
            "charged_cents": None,
            "refund": "failed",
        }
        self.move(row, AuditKind.FEE_SETTLED, operation_key, detail, fee_status=paid)

    def _being_cancelled(self, row: Registration) -> CancellationRow:
        if row.status is not RegistrationStatus.COMPLETED or row.id not in self.cancellations:
            raise Conflict(f"the registration is {row.status.value}, or its booking stands")
        if any(charge.status in MAY_TAKE_MONEY for charge in self.charges[row.id]):
            raise Conflict("a charge may still take money")
        return self.cancellations[row.id]

    def _paid(self, row: Registration) -> ChargeRow | None:
        taken = (one for one in self.charges[row.id] if one.status is ChargeStatus.SUCCEEDED)
        return next(taken, None)

    def _kept(
        self, row: Registration, charge: ChargeRow, cancellation: CancellationRow
    ) -> FeeKept | None:
        if charge.settled_at is None or self.now() > charge.settled_at + REFUNDED_WITHIN:
            return FeeKept.REFUND_TOO_LATE
        changed_mind = cancellation.reason is RefundReason.CANCELLATION_ACCEPTED
        begins, wish = self.programs[row.program_id].starts_at, self.wishes.get(row.id)
        asked_at = cancellation.booking_cancelled_at
        if wish is not None:
            asked_at = min(asked_at, wish.asked_at)
        if changed_mind and begins <= asked_at:
            return FeeKept.EVENT_BEGUN
        return None


def _given_back(refund: FrozenRefund) -> dict[str, int | str]:
    return {
        "charge_number": refund.charge_number,
        "amount_cents": refund.amount.amount_cents,
        "currency": refund.amount.currency,
    }
