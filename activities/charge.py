"""Charging the success fee: only for a booking that stands, once, with a frozen key."""

from datetime import timedelta

from temporalio import activity

from activities.clock import Clock
from activities.failures import as_failure
from domain.consent import mandate_faults
from domain.contracts import ChargeOrder, ChargeResult
from domain.errors import OutsideError, PaymentMisconfigured
from domain.payments import ChargeOutcome, ChargeStatus, FrozenCharge
from domain.states import FeeStatus
from gateways import Payments, Records

KEY_LIFETIME = timedelta(hours=23)
"""Stripe may prune an idempotency key after 24 h; the same key would then charge anew."""

FEE_STATUS = {
    ChargeStatus.SUCCEEDED: FeeStatus.PAID,
    ChargeStatus.DECLINED: FeeStatus.DUE,
    ChargeStatus.REQUIRES_ACTION: FeeStatus.REQUIRES_ACTION,
}


class Charging:
    """The one place that takes money."""

    def __init__(self, records: Records, payments: Payments, clock: Clock) -> None:
        self._records = records
        self._payments = payments
        self._clock = clock

    @activity.defn(name="charge_success_fee")
    async def charge_success_fee(self, order: ChargeOrder) -> ChargeResult:
        """Freeze key and parameters, then charge. Never a reason to undo the booking.

        A repeat sends the same key and parameters, which is also how an unclear answer is
        looked up.
        """
        try:
            return await self._charge(order)
        except OutsideError as error:
            raise as_failure(error) from error

    async def _charge(self, order: ChargeOrder) -> ChargeResult:
        frozen, dossier = await self._records.open_charge(
            order.registration_id,
            order.number,
            order.fence,
            order.booking.booking_number,
            order.operation_key,
        )
        now = self._clock.now()
        if frozen is None or mandate_faults(dossier.mandate, dossier, now):
            return ChargeResult(fee_status=FeeStatus.DUE)
        try:
            outcome = await self._definite(frozen)
        except PaymentMisconfigured as error:
            # An operator must act, but the parent's booking must not wait for it.
            activity.logger.error("the charge is misconfigured: %s", type(error).__name__)
            return ChargeResult(fee_status=FeeStatus.DUE)
        if outcome is None:
            return ChargeResult(fee_status=FeeStatus.DUE)
        return ChargeResult(fee_status=FEE_STATUS[outcome.status], outcome=outcome)

    async def _definite(self, frozen: FrozenCharge) -> ChargeOutcome | None:
        if self._clock.now() - frozen.first_sent_at > KEY_LIFETIME:
            return await self._payments.find_charge(frozen, frozen.first_sent_at)
        return await self._payments.charge(frozen)
