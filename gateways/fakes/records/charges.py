from datetime import datetime
from uuid import UUID

from domain.contracts import ChargeResult
from domain.errors import Conflict, RecordMissing, RecordRejected
from domain.identifiers import fee_key
from domain.payments import ChargeOutcome, ChargeRecord, ChargeStatus, FrozenCharge
from domain.registrations import Agreement, Registration
from domain.states import AuditKind, FeeStatus, RegistrationStatus
from gateways.fakes.records.registrations import Registrations
from gateways.fakes.records.tables import BOOKED, ChargeRow

UNPAID = frozenset({FeeStatus.DUE, FeeStatus.REQUIRES_ACTION})

CHARGEABLE = frozenset({RegistrationStatus.EXECUTING, RegistrationStatus.NEEDS_REVIEW})
"""When a first charge is frozen: once the booking is known, or a person found it."""

MAY_TAKE_MONEY = frozenset({ChargeStatus.FROZEN, ChargeStatus.REQUIRES_ACTION})
_FEE_AFTER = {
    ChargeStatus.SUCCEEDED: FeeStatus.PAID,
    ChargeStatus.REQUIRES_ACTION: FeeStatus.REQUIRES_ACTION,
}


class Charges(Registrations):
    """The success fee: frozen once the booking stands, settled by what the payment answered."""

    async def open_charge(
        self,
        registration_id: UUID,
        number: int,
        fence: int,
        booking_number: str,
        operation_key: str,
    ) -> tuple[FrozenCharge | None, Agreement]:
        row = self.row(registration_id)
        if registration_id in self.cancellations:
            raise Conflict("the booking was cancelled: nothing more is charged for it")
        charges = self.charges[registration_id]
        if 1 <= number <= len(charges):
            return charges[number - 1].charge, self.assemble(registration_id)
        self._require_chargeable(row, number)
        self.expect_reconciled()
        if row.status is RegistrationStatus.NEEDS_REVIEW:
            self.keep_reviewed_booking(row, booking_number)
        elif not self._found_by_a_person(row, fence) and self.attempt(row.id, fence) is None:
            raise RecordMissing("there is no such attempt")
        unused = self.mandates[row.id].used_at is None
        closed = self.note_booking(row, fence, booking_number)
        if unused:
            detail = {"fence": fence or None, "booking_number": booking_number, "closed": closed}
            self.record(row.id, AuditKind.BOOKED, operation_key, detail)
        return self._freeze(row, number, operation_key), self.assemble(registration_id)

    async def charges_of(self, registration_id: UUID) -> list[ChargeRecord]:
        self.row(registration_id)
        return list(self.charges[registration_id])

    async def close_charge(
        self, registration_id: UUID, outcome: ChargeOutcome, operation_key: str
    ) -> None:
        row = self.row(registration_id)
        if outcome.status is not ChargeStatus.DECLINED:
            raise RecordRejected("charge_mismatch", "a charge that took money is settled")
        status = self._charge(row, outcome.number).status
        if status is ChargeStatus.DECLINED:
            return
        if status not in MAY_TAKE_MONEY:
            raise Conflict(f"the charge ended already: {status.value}")
        self._end_charge(row, outcome)
        detail = {
            "fee_status": row.fee_status.value,
            "charge_number": outcome.number,
            "charged_cents": None,
        }
        self.record(row.id, AuditKind.FEE_SETTLED, operation_key, detail)

    def note_booking(self, row: Registration, fence: int | None, booking_number: str) -> list[int]:
        """Use the mandate and close every marker as booked; answers with their fences."""
        for attempt in self.attempts[row.id]:
            if attempt.booking_number not in {None, booking_number}:
                raise Conflict("another booking was recorded for this registration")
            if attempt.marker.fence == fence and attempt.outcome not in {None, BOOKED}:
                raise Conflict("the attempt was closed without a booking")
        mandate = self.mandates[row.id]
        if mandate.used_at is None:
            self.mandates[row.id] = mandate.model_copy(update={"used_at": self.now()})
        return self.close_markers(row.id, BOOKED, booking_number=booking_number)

    def keep_reviewed_booking(self, row: Registration, booking_number: str) -> None:
        """A person found that booking: it is this registration's, and no other's.

        Raises:
            RecordRejected: `booking_taken`.
        """
        known = {other: receipt.booking_number for other, receipt in self.issued.items()}
        for other, number in {**known, **self.reviewed_bookings}.items():
            theirs = other != row.id and self.rows[other].provider == row.provider
            if theirs and number == booking_number:
                raise RecordRejected("booking_taken", "that booking is another registration's")
        self.reviewed_bookings[row.id] = booking_number

    def check_settlement(self, row: Registration, result: ChargeResult) -> None:
        """Refuse a result that does not follow from a charge of this registration."""
        outcome = result.outcome
        status = outcome.status if outcome else ChargeStatus.DECLINED
        if result.fee_status is not _FEE_AFTER.get(status, FeeStatus.DUE):
            raise RecordRejected("charge_mismatch", "the fee does not follow from its charge")
        if outcome is None:
            return
        ended = self._charge(row, outcome.number).status
        if ended not in MAY_TAKE_MONEY | {outcome.status}:
            raise Conflict(f"the charge ended already: {ended.value}")

    def settle_charge(self, row: Registration, result: ChargeResult) -> None:
        """Write the payment service's answer on the charge, where one was made."""
        if outcome := result.outcome:
            self._end_charge(row, outcome)

    def _charge(self, row: Registration, number: int) -> ChargeRow:
        charges = self.charges[row.id]
        if not 1 <= number <= len(charges):
            raise RecordRejected("charge_missing", "that charge was never frozen")
        return charges[number - 1]

    def _end_charge(self, row: Registration, outcome: ChargeOutcome) -> None:
        known = self._charge(row, outcome.number)
        self.charges[row.id][outcome.number - 1] = known.model_copy(
            update={
                "status": outcome.status,
                "payment_intent_id": outcome.payment_intent_id or known.payment_intent_id,
                "decline_code": outcome.decline_code,
                "settled_at": self.now(),
            }
        )

    def _require_chargeable(self, row: Registration, number: int) -> None:
        unpaid = row.status is RegistrationStatus.COMPLETED and row.fee_status in UNPAID
        if row.status not in CHARGEABLE and not unpaid:
            raise Conflict(
                f"the registration is {row.status.value} and its fee is {row.fee_status.value}"
            )
        charges = self.charges[row.id]
        if number != len(charges) + 1:
            raise Conflict("that is not the number of the next charge")
        if any(charge.status is not ChargeStatus.DECLINED for charge in charges):
            raise Conflict("a charge before it may still take money")

    def _found_by_a_person(self, row: Registration, fence: int) -> bool:
        return row.status is RegistrationStatus.COMPLETED and fence == 0

    def _may_exist_since(self, row: Registration) -> datetime | None:
        """The backup's instant where the registration was, or may have been, booked by then."""
        backup, restored = self.service.backup_taken_at, self.service.restored_at
        if backup is None or restored is None:
            return None
        marked = any(attempt.restored_from == backup for attempt in self.attempts[row.id])
        receipt = self.issued.get(row.id)
        return backup if marked or (receipt and receipt.issued_at < restored) else None

    def _freeze(self, row: Registration, number: int, operation_key: str) -> FrozenCharge | None:
        profile = self.profiles[row.user_id]
        if profile.stripe_customer_id is None or profile.card is None:
            return None
        charge = FrozenCharge(
            registration_id=row.id,
            number=number,
            idempotency_key=fee_key(row.id, number),
            amount=row.fee,
            customer_id=profile.stripe_customer_id,
            payment_method_id=profile.card.payment_method_id,
            first_sent_at=self.now(),
            may_exist_since=self._may_exist_since(row),
        )
        self.charges[row.id].append(ChargeRow(charge=charge))
        detail = {"number": number, "amount_cents": row.success_fee_cents, "currency": row.currency}
        self.record(row.id, AuditKind.FEE_FROZEN, operation_key, detail)
        return charge
