"""Charging the success fee: only for a booking that stands, once, with a frozen key."""

from datetime import timedelta

from temporalio import activity

from activities.clock import Clock
from activities.failures import as_failure
from activities.heartbeat import heartbeating
from domain.consent import mandate_faults
from domain.contracts import ChargeOrder, ChargeResult
from domain.errors import OutsideError
from domain.payments import ChargeOutcome, ChargeStatus, FrozenCharge
from domain.states import FeeStatus
from gateways import Payments, Records

KEY_LIFETIME = timedelta(hours=23)
"""Stripe may prune an idempotency key after 24 h; the same key would then charge anew."""

NEVER_MADE = "never_made"
"""Our own decline code: the next charge is tried without waiting for another card."""

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
            with heartbeating():
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
        outcome = await self._definite(frozen)
        return ChargeResult(
            fee_status=FEE_STATUS[outcome.status],
            outcome=outcome,
            undecided=outcome.decline_code == NEVER_MADE,
        )

    async def _definite(self, frozen: FrozenCharge) -> ChargeOutcome:
        if self._clock.now() - frozen.first_sent_at <= KEY_LIFETIME:
            return await self._payments.charge(frozen)
        found = await self._payments.find_charge(frozen, frozen.first_sent_at)
        if found is not None:
            return found
        # It was never made, and its key may by now charge anew: this charge is over, and the
        # next one has a number and a key of its own.
        return ChargeOutcome(
            number=frozen.number, status=ChargeStatus.DECLINED, decline_code=NEVER_MADE
        )
