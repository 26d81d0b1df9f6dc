"""Charging the success fee: only for a booking that stands, once, with a frozen key."""

from datetime import timedelta

from temporalio import activity

from activities.clock import Clock
from activities.failures import as_failure
from activities.heartbeat import heartbeating
from activities.outstanding import Outstanding, never_made, result_of
from activities.permission import Permission
from activities.receipts_first import ReceiptsFirst
from domain.consent import over_cap
from domain.contracts import ChargeOrder, ChargeResult
from domain.errors import KeyReused, OutsideError, PaymentStuck
from domain.fee import FeeLook, FeeLookOrder
from domain.identifiers import CLOSE_CHARGE, operation_key
from domain.mandates import Use
from domain.money import Money
from domain.payments import ChargeOutcome, ChargeRecord, ChargeStatus, FrozenCharge
from domain.registrations import Agreement
from domain.states import FeeStatus
from gateways import Mandates, Payments, Records

KEY_LIFETIME = timedelta(hours=23)
"""Stripe may prune an idempotency key after 24 h; the same key would then charge anew."""

STUCK_AFTER = timedelta(minutes=2)
"""A failure that the service replays under its key is looked up so long after the first send: the
service may list what it made a minute late."""


class Charging:
    """The one place that takes money."""

    def __init__(
        self,
        records: Records,
        payments: Payments,
        mandates: Mandates,
        clock: Clock,
        first: ReceiptsFirst | None = None,
    ) -> None:
        self._records = records
        self._payments = payments
        self._permission = Permission(mandates, clock)
        self._outstanding = Outstanding(records, payments)
        self._clock = clock
        self._first = first or ReceiptsFirst()

    @activity.defn(name="charge_success_fee")
    async def charge_success_fee(self, order: ChargeOrder) -> ChargeResult:
        """Freeze key and parameters, then charge. Never a reason to undo the booking.

        A repeat sends the same key and parameters, which is also how an unclear answer is
        looked up. Before a further charge, one that may still take money is decided: what was
        charged, or what the parent approved, is the payment.
        """
        try:
            self._first.charging()
            with heartbeating():
                earlier = await self._earlier(order) if order.number > 1 else None
                return earlier or await self._charge(order)
        except OutsideError as error:
            raise as_failure(error) from error

    @activity.defn(name="look_at_fee")
    async def look_at_fee(self, order: FeeLookOrder) -> FeeLook:
        """What became of a charge that waits for the parent's approval. Charges nothing anew."""
        try:
            with heartbeating():
                waiting = await self._outstanding.waiting(order.registration_id)
                if waiting is None:
                    return FeeLook()
                if order.withdraw:
                    outcome = await self._outstanding.withdrawn(waiting)
                else:
                    outcome = await self._outstanding.outcome(waiting)
        except OutsideError as error:
            raise as_failure(error) from error
        if outcome.status is ChargeStatus.REQUIRES_ACTION:
            return FeeLook()
        return FeeLook(charge=result_of(outcome))

    async def _earlier(self, order: ChargeOrder) -> ChargeResult | None:
        """What the charge before this one came to; None when it is over and another may be made.

        One that still waits goes on waiting, unless the parent has saved another card since. One
        whose answer was never written down is decided first, by its own key.
        """
        before = await self._outstanding.before(order.registration_id, order.number)
        if before is None:
            return None
        if before.status is ChargeStatus.FROZEN:
            repeated = order.model_copy(update={"number": before.charge.number})
            answered = await self._charge(repeated)
            outcome = answered.outcome
            if outcome is None:
                return answered
            before = before.model_copy(update={"payment_intent_id": outcome.payment_intent_id})
        else:
            outcome = await self._outstanding.outcome(before)
        asks = outcome.status is ChargeStatus.REQUIRES_ACTION
        if asks and await self._another_card_than(before):
            outcome = await self._outstanding.withdrawn(before)
        if outcome.status is not ChargeStatus.DECLINED:
            return result_of(outcome)
        key = operation_key(order.registration_id, CLOSE_CHARGE, outcome.number)
        await self._records.close_charge(order.registration_id, outcome, key)
        return None

    async def _another_card_than(self, waiting: ChargeRecord) -> bool:
        card = (await self._records.agreement(waiting.charge.registration_id)).card
        return card is not None and card.payment_method_id != waiting.charge.payment_method_id

    async def _charge(self, order: ChargeOrder) -> ChargeResult:
        frozen, agreement = await self._records.open_charge(
            order.registration_id,
            order.number,
            order.fence,
            order.booking.booking_number,
            order.operation_key,
        )
        if frozen is None or not await self._permitted(agreement, order):
            return ChargeResult(fee_status=FeeStatus.DUE)
        return result_of(await self._definite(frozen))

    async def _permitted(self, agreement: Agreement, order: ChargeOrder) -> bool:
        """Whether the permission covers the fee, and fee and price together.

        A booking that does not say what it costs is taken to cost what the program does.

        Raises:
            MandateKeyUnknown: it cannot be told here. The charge stays undecided, and is tried
                again for as long as the fee may stay due.
        """
        row, booking = agreement.registration, order.booking
        price = agreement.program.price_for(len(agreement.child_ids))
        if booking.price_cents is not None:
            currency = booking.currency or row.currency
            price = Money(amount_cents=booking.price_cents, currency=currency)
        if over_cap(row, price) is not None:
            return False
        return not await self._permission.faults_told(agreement, Use.CHARGING, self._records)

    async def _definite(self, frozen: FrozenCharge) -> ChargeOutcome:
        if frozen.may_exist_since is not None:
            lost = await self._payments.find_charge(frozen, frozen.may_exist_since)
            if lost is not None:
                return lost
        age = self._clock.now() - frozen.first_sent_at
        if age <= KEY_LIFETIME:
            try:
                return await self._payments.charge(frozen)
            except KeyReused:
                made = await self._payments.find_charge(frozen, frozen.first_sent_at - KEY_LIFETIME)
                if made is None:
                    raise
                return made
            except PaymentStuck:
                if age < STUCK_AFTER:
                    raise
        found = await self._payments.find_charge(frozen, frozen.first_sent_at)
        # Where it was never made, and its key will not make it or may by now charge anew, this
        # charge is over: the next one has a number and a key of its own.
        return found or never_made(ChargeRecord(charge=frozen))
