from datetime import timedelta
from typing import Any

from domain.alerts import AlertKind, NewAlert
from domain.contracts import BookingFacts, ChargeResult, FeeOrder, OutcomeOrder, Standing
from domain.errors import Conflict, RecordRejected
from domain.identifiers import review_alert_key
from domain.payments import NEVER_MADE, ChargeStatus
from domain.registrations import Receipt, Registration
from domain.review import ReviewCase
from domain.review_causes import ReviewCause
from domain.states import AuditKind, FeeStatus, NotificationKind, RegistrationStatus
from gateways.fakes.records.alerts import Alerts
from gateways.fakes.records.charges import UNPAID, Charges
from gateways.fakes.records.codes import fresh_code


class Outcomes(Charges, Alerts):
    """How a registration ends, and how its fee does."""

    async def record_outcome(self, order: OutcomeOrder) -> Standing:
        self.row(order.registration_id)
        name = "record_outcome"
        if first := self.operations.first(
            order.operation_key, name, order.registration_id, Standing
        ):
            return first
        # What was never claimed was never sent: it can only have failed.
        expected = {RegistrationStatus.EXECUTING}
        if order.status is RegistrationStatus.FAILED:
            expected.add(RegistrationStatus.PENDING)
        row = self.expect(order.registration_id, order.expected_version, *expected)
        if row.status is RegistrationStatus.PENDING:
            self.expect_reconciled()
        self._keep_requests(order)
        match order.status:
            case RegistrationStatus.COMPLETED:
                standing = self.complete(row, order)
            case RegistrationStatus.FAILED:
                standing = self.fail(row, order)
            case RegistrationStatus.NEEDS_REVIEW:
                standing = self._hand_over(row, order)
            case _:
                raise RecordRejected("bad_outcome", f"{order.status.value} is not an outcome")
        return self.operations.keep(order.operation_key, name, row.id, standing)

    async def settle_fee(self, order: FeeOrder) -> Standing:
        self.row(order.registration_id)
        name = "settle_fee"
        if first := self.operations.first(
            order.operation_key, name, order.registration_id, Standing
        ):
            return first
        row = self.expect(
            order.registration_id, order.expected_version, RegistrationStatus.COMPLETED
        )
        if row.fee_status not in UNPAID:
            raise Conflict(f"the fee is {row.fee_status.value}")
        fee = order.charge.fee_status
        self.check_settlement(row, order.charge)
        self.settle_charge(row, order.charge)
        self.issued[row.id] = self.issued[row.id].model_copy(update={"fee_status": fee})
        standing = self.move(
            row,
            AuditKind.FEE_SETTLED,
            order.operation_key,
            {"fee_status": fee.value, **self._charged(row, order.charge)},
            fee_status=fee,
        )
        outcome = order.charge.outcome
        if fee is FeeStatus.PAID:
            self.tell(row.id, NotificationKind.FEE_PAID)
        elif outcome is None or outcome.decline_code != NEVER_MADE:
            self.tell(row.id, NotificationKind.FEE_DUE)
        return self.operations.keep(order.operation_key, name, row.id, standing)

    def complete(self, row: Registration, order: OutcomeOrder) -> Standing:
        """The place is booked: result on the row, receipt, audit event and letters."""
        if order.booking is None:
            raise RecordRejected("booking_missing", "a completed registration needs its booking")
        charge = order.charge or ChargeResult(fee_status=FeeStatus.DUE)
        fee = charge.fee_status
        self.check_settlement(row, charge)
        self._require_new(row, order.booking.booking_number)
        self.note_booking(row, order.fence, order.booking.booking_number)
        self.settle_charge(row, charge)
        receipt = self._issue(row, order.booking, fee)
        standing = self.move(
            row,
            AuditKind.COMPLETED,
            order.operation_key,
            {
                "booking_number": order.booking.booking_number,
                "receipt_code": receipt.receipt_code,
                "fee_status": fee.value,
                **self._charged(row, charge),
                "price_cents": order.booking.price_cents,
                "currency": order.booking.currency,
                **_sending(order),
            },
            status=RegistrationStatus.COMPLETED,
            fee_status=fee,
            receipt_code=receipt.receipt_code,
            booking_number=order.booking.booking_number,
            price_cents=receipt.price_cents,
            first_request_at=order.booking.first_request_at,
            lateness_ms=order.booking.lateness_ms,
            queue_delay_ms=order.booking.queue_delay_ms,
        )
        self.tell(row.id, NotificationKind.BOOKED)
        if fee in UNPAID:
            self.tell(row.id, NotificationKind.FEE_DUE)
        return standing

    def fail(self, row: Registration, order: OutcomeOrder) -> Standing:
        """No place was booked: cause on the row, markers closed, audit event and letter."""
        if order.failure_code is None:
            raise RecordRejected("failure_code_missing", "a failure needs its code")
        reviewed = row.status is RegistrationStatus.NEEDS_REVIEW
        if not reviewed and self.booked_marker(row.id) is not None:
            raise Conflict("a booking was recorded for this registration")
        closed = self.close_markers(row.id, "refused", evidence=order.evidence)
        failure_code = order.failure_code.value
        standing = self.move(
            row,
            AuditKind.FAILED,
            order.operation_key,
            {
                "from": row.status.value,
                "failure_code": failure_code,
                "closed": closed,
                **_sending(order),
            },
            status=RegistrationStatus.FAILED,
            failure_code=order.failure_code,
            error_message=order.message,
        )
        self.tell(row.id, NotificationKind.NOT_BOOKED, {"failure_code": failure_code})
        return standing

    def _hand_over(self, row: Registration, order: OutcomeOrder) -> Standing:
        booking_number = order.booking.booking_number if order.booking else None
        cause = order.cause or ReviewCause.UNSPECIFIED
        self._keep_evidence(row, order)
        standing = self.move(
            row,
            AuditKind.NEEDS_REVIEW,
            order.operation_key,
            {
                "fence": order.fence,
                "booking_number": booking_number,
                "cause": cause.value,
                **_sending(order),
            },
            status=RegistrationStatus.NEEDS_REVIEW,
            error_message=order.message,
            booking_number=booking_number,
        )
        self.reviews[row.id] = ReviewCase(
            registration_id=row.id,
            cause=cause,
            since=self.now(),
            evidence=order.evidence,
            refused_as=order.refused_as,
        )
        charged = any(one.status is not ChargeStatus.DECLINED for one in self.charges[row.id])
        self.tell(row.id, NotificationKind.UNDER_REVIEW, {"fee": "open"} if charged else None)
        self.raise_at_once(waiting(row, cause))
        return standing

    def _keep_evidence(self, row: Registration, order: OutcomeOrder) -> None:
        attempts = self.attempts[row.id]
        for place, attempt in enumerate(attempts):
            meant = order.fence in (None, attempt.marker.fence)
            if order.evidence is not None and attempt.outcome is None and meant:
                attempts[place] = attempt.model_copy(update={"evidence": order.evidence})

    def _keep_requests(self, order: OutcomeOrder) -> None:
        attempts = self.attempts[order.registration_id]
        if order.tries and self.attempt(order.registration_id, order.fence or 0):
            attempts[(order.fence or 0) - 1] = attempts[(order.fence or 0) - 1].model_copy(
                update={"requests": order.tries}
            )

    def _charged(self, row: Registration, result: ChargeResult) -> dict[str, Any]:
        """Which charge ended how, for the audit event."""
        outcome = result.outcome
        if outcome is None:
            return {"charge_number": None, "charged_cents": None}
        charge = self.charges[row.id][outcome.number - 1].charge
        paid = outcome.status is ChargeStatus.SUCCEEDED
        return {
            "charge_number": outcome.number,
            "charged_cents": charge.amount.amount_cents if paid else None,
        }

    def _require_new(self, row: Registration, booking_number: str) -> None:
        for receipt in self.issued.values():
            provider = self.rows[receipt.scheduled_registration_id].provider
            if (provider, receipt.booking_number) == (row.provider, booking_number):
                raise RecordRejected("23505", "that booking has a receipt already")

    def _issue(self, row: Registration, booking: BookingFacts, fee: FeeStatus) -> Receipt:
        receipt = Receipt(
            receipt_code=fresh_code("REG", {old.receipt_code for old in self.issued.values()}),
            scheduled_registration_id=row.id,
            code=row.code,
            program_name=self.programs[row.program_id].name,
            organisation=self.accounts[row.provider, row.org_ref].name,
            booking_number=booking.booking_number,
            # A price in another currency cannot stand beside our fee.
            price_cents=booking.price_cents if booking.currency in {None, row.currency} else None,
            success_fee_cents=row.success_fee_cents,
            currency=row.currency,
            fee_status=fee,
            first_request_at=booking.first_request_at,
            lateness_ms=booking.lateness_ms,
            queue_delay_ms=booking.queue_delay_ms,
            issued_at=self.now(),
        )
        self.issued[row.id] = receipt
        return receipt


def waiting(row: Registration, cause: ReviewCause) -> NewAlert:
    """The alert that is open while the registration waits for a person."""
    return NewAlert(
        key=review_alert_key(row.id),
        kind=AlertKind.REVIEW_WAITING,
        registration_id=row.id,
        sentence=f"Nobody could tell whether {row.code} was booked ({cause.value}). A person must "
        f"decide: python starter.py review show {row.code}",
    )


def _sending(order: OutcomeOrder) -> dict[str, Any]:
    """What the outcome says of its sending, for the audit event: whole milliseconds."""
    booking, clock = order.booking, order.clocks.provider
    return {
        "tries": len(order.tries),
        "rank": booking.rank if booking else None,
        "clock_wait_ms": booking.clock_wait_ms if booking else None,
        "arrival_ms": booking.arrival_ms if booking else None,
        "armed_late": booking.armed_late if booking else None,
        "clock_offset_ms": _milliseconds(clock.offset),
        "clock_uncertainty_ms": _milliseconds(clock.uncertainty),
    }


def _milliseconds(duration: timedelta | None) -> int | None:
    return None if duration is None else round(duration / timedelta(milliseconds=1))
