"""Money that was taken after nobody looked for it any more: found, and told to an operator."""

from temporalio import activity

from activities.outstanding import Outstanding
from domain.alerts import AlertKind, NewAlert
from domain.errors import PaymentError
from domain.findings import new_alert
from domain.payments import NEVER_MADE, ChargeRecord, ChargeStatus
from domain.states import FeeStatus
from domain.sweeps import OpenFee
from gateways import Payments, Records


class LateCharges:
    """Looks charges up. Makes, withdraws and returns none. Every call may be repeated.

    What the payment service does not tell is asked at the next sweep.
    """

    def __init__(self, records: Records, payments: Payments) -> None:
        self._records = records
        self._outstanding = Outstanding(records, payments)

    async def made_after_all(self, fee: OpenFee) -> NewAlert | None:
        """About a charge that was closed because it was not there, and that took money since.

        Raises:
            RecordsError: the database did not answer.
        """
        for record in await self._records.charges_of(fee.registration_id):
            if record.decline_code == NEVER_MADE and await self._taken(record):
                return _unexpected(fee, record)
        return None

    async def approved_unseen(self, fee: OpenFee) -> NewAlert | None:
        """About a charge that the parent approved, while no run is there to write that down.

        Raises:
            RecordsError: the database did not answer.
        """
        if fee.fee_status is not FeeStatus.REQUIRES_ACTION:
            return None
        waiting = await self._outstanding.waiting(fee.registration_id)
        if waiting is None or not await self._taken(waiting):
            return None
        return _unexpected(fee, waiting)

    async def _taken(self, record: ChargeRecord) -> bool:
        try:
            outcome = await self._outstanding.seen(record)
        except PaymentError as silent:
            activity.logger.warning("a charge could not be looked up: %s", silent)
            return False
        return outcome is not None and outcome.status is ChargeStatus.SUCCEEDED


def _unexpected(fee: OpenFee, record: ChargeRecord) -> NewAlert:
    sentence = (
        f"{fee.code}: Stripe took the success fee under charge {record.charge.number}, and the "
        f"registration's fee is {fee.fee_status.value} here. Look in Stripe for the payments whose "
        f"metadata name registration {fee.registration_id}. Where the booking stands and this is "
        "the only one, tell the parent that the fee is paid; else refund it there."
    )
    return new_alert(AlertKind.CHARGE_UNEXPECTED, fee.registration_id, sentence)
