from typing import Any
from uuid import UUID

from domain.contracts import OutcomeOrder, Standing
from domain.errors import RecordRejected, RecordsError
from domain.identifiers import review_alert_key
from domain.payments import ChargeStatus
from domain.registrations import Registration
from domain.review import (
    ChargeSeen,
    Resolution,
    ReviewCase,
    ReviewDecision,
    ReviewOutcome,
    ShownBooking,
)
from domain.states import AuditKind, NotificationKind, RegistrationStatus
from gateways.fakes.records.attempts import attempt_record
from gateways.fakes.records.chain import instant_text
from gateways.fakes.records.outcomes import Outcomes


class Reviews(Outcomes):
    """Registrations that wait for a person."""

    async def review_case(self, registration_id: UUID) -> ReviewCase | None:
        self.row(registration_id)
        case = self.reviews.get(registration_id)
        if case is None:
            return None
        attempts = tuple(map(attempt_record, self.attempts[registration_id]))
        charges = tuple(
            ChargeSeen(number=kept.charge.number, status=kept.status)
            for kept in self.charges[registration_id]
        )
        return case.model_copy(update={"attempts": attempts, "charges": charges})

    async def booking_owner(self, registration_id: UUID, booking_number: str) -> str | None:
        row = self.row(registration_id)
        owners = [
            other.code
            for other in self.rows.values()
            if other.id != row.id
            and other.provider == row.provider
            and booking_number in {self._receipted(other), self.reviewed_bookings.get(other.id)}
        ]
        return min(owners, default=None)

    async def resolve_review(self, order: ReviewOutcome) -> Standing:
        self.row(order.registration_id)
        name = "resolve_review"
        if first := self.operations.first(
            order.operation_key, name, order.registration_id, Standing
        ):
            return first
        row = self.expect(
            order.registration_id, order.expected_version, RegistrationStatus.NEEDS_REVIEW
        )
        before = (row, list(self.trails[row.id]))
        try:
            self._decide(row, order)
        except RecordsError:
            self.rows[row.id], self.trails[row.id] = before
            raise
        self.reviews[row.id] = self.reviews[row.id].model_copy(
            update={
                "resolution": Resolution(
                    decision=order.decision,
                    by=order.by,
                    at=self.now(),
                    booking_number=order.booking.booking_number if order.booking else None,
                )
            }
        )
        self.settle_at_once(review_alert_key(row.id))
        return self.operations.keep(order.operation_key, name, row.id, self.standing(row.id))

    def _decide(self, row: Registration, order: ReviewOutcome) -> None:
        booked = order.decision is ReviewDecision.BOOKED
        if booked and order.booking is not None:
            self.keep_reviewed_booking(row, order.booking.booking_number)
        elif not booked:
            self._require_fee_back(row, order)
        closed = [] if booked else self.close_markers(row.id, "nothing_found")
        self.record(row.id, AuditKind.REVIEW_RESOLVED, order.operation_key, _detail(order, closed))
        outcome = OutcomeOrder(
            **order.model_dump(
                include={"registration_id", "expected_version", "operation_key", "message"}
            ),
            status=RegistrationStatus.COMPLETED if booked else RegistrationStatus.FAILED,
            booking=order.booking,
            charge=order.charge,
            failure_code=order.failure_code,
        )
        if booked:
            self.complete(row, outcome)
        else:
            self.fail(row, outcome)
            self._forget_booking(row, order)

    def _require_fee_back(self, row: Registration, order: ReviewOutcome) -> None:
        if order.failure_code is None:
            raise RecordRejected("failure_code_missing", "a failure needs its code")
        charges = self.charges[row.id]
        if not order.fee_returned and any(c.status is not ChargeStatus.DECLINED for c in charges):
            raise RecordRejected("fee_charged", "a fee was sent for this registration")
        for place, kept in enumerate(charges):
            if kept.status is not ChargeStatus.SUCCEEDED:
                charges[place] = kept.model_copy(update={"status": ChargeStatus.DECLINED})

    def _forget_booking(self, row: Registration, order: ReviewOutcome) -> None:
        """What was recorded is no booking; and a parent whose fee was returned reads so."""
        self.rows[row.id] = self.rows[row.id].model_copy(update={"booking_number": None})
        self.reviewed_bookings.pop(row.id, None)
        for kept in tuple(self.outbox.values()):
            told = kept.notification
            ended = (told.registration_id, told.kind) == (row.id, NotificationKind.NOT_BOOKED)
            if ended and order.fee_returned:
                facts = {**told.facts, "fee": "returned"}
                again = told.model_copy(update={"facts": facts})
                self.outbox[told.id] = kept.model_copy(update={"notification": again})

    def _receipted(self, row: Registration) -> str | None:
        return self.issued[row.id].booking_number if row.id in self.issued else None


def _detail(order: ReviewOutcome, closed: list[int]) -> dict[str, Any]:
    return {
        "decision": order.decision.value,
        "by": order.by,
        "booking_number": order.booking.booking_number if order.booking else None,
        "another_reference": order.another_reference,
        "fee_returned": order.fee_returned,
        "failure_code": order.failure_code.value if order.failure_code else None,
        "closed": closed,
        "shown": [_shown(booking) for booking in order.shown],
    }


def _shown(booking: ShownBooking) -> dict[str, Any]:
    """As the audit trail keeps it."""
    made, price = booking.created_at, booking.price
    return {
        "booking_number": booking.booking_number,
        "ours": booking.ours,
        "accepted": booking.accepted,
        "cancelled": booking.cancelled,
        "created_at": instant_text(made) if made else None,
        "price_cents": price.amount_cents if price else None,
        "currency": price.currency if price else None,
    }
