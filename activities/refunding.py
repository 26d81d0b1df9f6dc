"""The fee of a booking that is no more: what was charged is found out, then given back."""

from temporalio import activity

from activities.charge import KEY_LIFETIME
from activities.clock import Clock
from activities.failures import as_failure
from activities.heartbeat import heartbeating
from activities.outcome_counts import UNCOUNTED, OutcomeCounts
from activities.outstanding import Outstanding, never_made, result_of
from domain.cancellation import (
    OutstandingOrder,
    OutstandingReport,
    RefundOrder,
    RefundReport,
)
from domain.contracts import FeeOrder
from domain.errors import Conflict, OutsideError, PaymentStuck
from domain.identifiers import CLOSE_CHARGE, operation_key
from domain.payments import ChargeOutcome, ChargeRecord, ChargeStatus
from domain.refunds import FeeKept, FrozenRefund, RefundOutcome, RefundStatus
from gateways import Payments, Records


class Refunding:
    """The one place that gives money back."""

    def __init__(
        self,
        records: Records,
        payments: Payments,
        clock: Clock,
        counts: OutcomeCounts = UNCOUNTED,
    ) -> None:
        self._records = records
        self._payments = payments
        self._outstanding = Outstanding(records, payments)
        self._clock = clock
        self._counts = counts

    @activity.defn(name="settle_outstanding_charge")
    async def settle_outstanding_charge(self, order: OutstandingOrder) -> OutstandingReport:
        """Decide every charge that may still take money, without ever sending one again.

        An undecided one is looked up, one that waits for the parent is withdrawn; what turns out
        to have been paid is written down as paid. One that somebody else settles meanwhile is read
        anew, for as long as it takes: the booking is gone, so the rest must follow.
        """
        try:
            with heartbeating():
                decided = True
                for record in await self._records.charges_of(order.registration_id):
                    decided &= await self._decide(record, last_look=order.last_look)
                return OutstandingReport(decided=decided)
        except OutsideError as error:
            raise as_failure(error, passing=(Conflict,)) from error

    async def _decide(self, record: ChargeRecord, *, last_look: bool) -> bool:
        if record.status is ChargeStatus.FROZEN:
            found = await self._payments.find_charge(record.charge, record.charge.first_sent_at)
            if found is None and not last_look:
                return False
            outcome = found or never_made(record)
        elif record.status is ChargeStatus.REQUIRES_ACTION:
            outcome = await self._outstanding.withdrawn(record)
        else:
            return True
        if outcome.status is ChargeStatus.REQUIRES_ACTION:
            known = {"payment_intent_id": outcome.payment_intent_id}
            outcome = await self._outstanding.withdrawn(record.model_copy(update=known))
        await self._settle(record, outcome)
        return True

    async def _settle(self, record: ChargeRecord, outcome: ChargeOutcome) -> None:
        registration_id = record.charge.registration_id
        if outcome.status is ChargeStatus.DECLINED:
            key = operation_key(registration_id, CLOSE_CHARGE, outcome.number)
            await self._records.close_charge(registration_id, outcome, key)
            return
        row = await self._records.registration(registration_id)
        standing = await self._records.settle_fee(
            FeeOrder(
                registration_id=registration_id,
                expected_version=row.version,
                operation_key=operation_key(registration_id, "late-fee", outcome.number),
                charge=result_of(outcome),
            )
        )
        self._counts.fee(standing.fee_status)

    @activity.defn(name="refund_fee")
    async def refund_fee(self, order: RefundOrder) -> RefundReport:
        """Freeze key and parameters, then give the fee back; or tell why it is kept."""
        key = operation_key(order.registration_id, "refund")
        try:
            with heartbeating():
                opened = await self._records.open_refund(order.registration_id, key)
                if opened.refund is None:
                    return RefundReport(kept=opened.kept)
                outcome = opened.outcome or await self._definite(opened.refund)
                await self._records.settle_refund(order.registration_id, outcome, key)
        except OutsideError as error:
            raise as_failure(error) from error
        failed = outcome.status is RefundStatus.FAILED
        return RefundReport(kept=FeeKept.REFUND_FAILED if failed else None)

    async def _definite(self, refund: FrozenRefund) -> RefundOutcome:
        """The same key is the look-up; once it may be forgotten, the payment's refunds are.

        Sent again after that it still gives back once: no more is refunded than was charged.
        """
        if self._clock.now() - refund.first_sent_at > KEY_LIFETIME:
            found = await self._payments.find_refund(refund)
            if found is not None:
                return found
        try:
            return await self._payments.refund(refund)
        except PaymentStuck:
            found = await self._payments.find_refund(refund)
            if found is None:
                raise
            return found
