"""A charge that may still take money, such as one that waits for approval: it comes first."""

from uuid import UUID

from domain.contracts import ChargeResult
from domain.payments import NEVER_MADE, ChargeOutcome, ChargeRecord, ChargeStatus
from domain.states import FeeStatus
from gateways import Payments, Records

FEE_STATUS = {
    ChargeStatus.SUCCEEDED: FeeStatus.PAID,
    ChargeStatus.DECLINED: FeeStatus.DUE,
    ChargeStatus.REQUIRES_ACTION: FeeStatus.REQUIRES_ACTION,
}


def result_of(outcome: ChargeOutcome) -> ChargeResult:
    """The fee as that outcome leaves it."""
    return ChargeResult(
        fee_status=FEE_STATUS[outcome.status],
        outcome=outcome,
        undecided=outcome.decline_code == NEVER_MADE,
    )


class Outstanding:
    """What the payment service says of such a charge. Every call may be repeated."""

    def __init__(self, records: Records, payments: Payments) -> None:
        self._records = records
        self._payments = payments

    async def waiting(self, registration_id: UUID) -> ChargeRecord | None:
        """The one that waits; None when none does."""
        for record in await self._records.charges_of(registration_id):
            if record.status is ChargeStatus.REQUIRES_ACTION:
                return record
        return None

    async def before(self, registration_id: UUID, number: int) -> ChargeRecord | None:
        """The one that comes before a charge of that number, because it may still take money.

        It waits for the parent, or its answer was had and never written down.
        """
        for record in await self._records.charges_of(registration_id):
            unwritten = record.status is ChargeStatus.FROZEN and record.charge.number < number
            if unwritten or record.status is ChargeStatus.REQUIRES_ACTION:
                return record
        return None

    async def outcome(self, waiting: ChargeRecord) -> ChargeOutcome:
        """What has become of it. One that the bank refused is ended, so that nothing revives it."""
        intent_id = await self._intent(waiting)
        if intent_id is None:
            return never_made(waiting)
        outcome = await self._payments.outcome(waiting.charge, intent_id)
        if outcome.status is ChargeStatus.DECLINED:
            return await self._payments.withdraw(waiting.charge, intent_id)
        return outcome

    async def seen(self, record: ChargeRecord) -> ChargeOutcome | None:
        """What has become of it, with nothing done about it; None where it was never made."""
        intent_id = await self._intent(record)
        if intent_id is None:
            return None
        return await self._payments.outcome(record.charge, intent_id)

    async def withdrawn(self, waiting: ChargeRecord) -> ChargeOutcome:
        """End it: `declined`, or `succeeded` when it was approved just before."""
        intent_id = await self._intent(waiting)
        if intent_id is None:
            return never_made(waiting)
        return await self._payments.withdraw(waiting.charge, intent_id)

    async def _intent(self, waiting: ChargeRecord) -> str | None:
        if waiting.payment_intent_id is not None:
            return waiting.payment_intent_id
        found = await self._payments.find_charge(waiting.charge, waiting.charge.first_sent_at)
        return found.payment_intent_id if found else None


def never_made(record: ChargeRecord) -> ChargeOutcome:
    """The end of a charge that was looked up and is not there."""
    return ChargeOutcome(
        number=record.charge.number, status=ChargeStatus.DECLINED, decline_code=NEVER_MADE
    )
