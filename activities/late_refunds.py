"""Refunds that the bank had not confirmed, or may still send back: what they came to."""

from datetime import datetime, timedelta

from temporalio import activity

from domain.alerts import AlertKind, NewAlert
from domain.errors import PaymentError
from domain.findings import new_alert, refund_failed
from domain.identifiers import operation_key
from domain.refunds import FrozenRefund, RefundOutcome, RefundStatus
from domain.sweeps import OpenFee
from gateways import Payments, Records


class LateRefunds:
    """Looks them up. Sends none again. Every call may be repeated."""

    def __init__(self, records: Records, payments: Payments) -> None:
        self._records = records
        self._payments = payments

    async def look_at(self, fee: OpenFee, now: datetime, patience: timedelta) -> NewAlert | None:
        """Write down what became of it; the alert that was raised, where there is one to raise.

        The alert comes first: one that failed is not looked at again once that is written.
        """
        key = operation_key(fee.registration_id, "late-refund")
        opened = await self._records.open_refund(fee.registration_id, key)
        outcome = await self._found(opened.refund) if opened.refund is not None else None
        if outcome is not None and self._failed(opened.outcome, outcome):
            alert = refund_failed(fee.registration_id)
            await self._records.raise_alert(alert)
            await self._records.settle_refund(fee.registration_id, outcome, key)
            return alert
        if opened.outcome is not None and opened.outcome.status is RefundStatus.SUCCEEDED:
            return None  # it stands as it stood
        if outcome is not None and outcome.status is RefundStatus.SUCCEEDED:
            await self._records.settle_refund(fee.registration_id, outcome, key)
            return None
        if now < fee.since + patience:
            return None
        alert = _never_confirmed(fee)
        await self._records.raise_alert(alert, unless_settled_since=fee.since)
        return alert

    @staticmethod
    def _failed(known: RefundOutcome | None, outcome: RefundOutcome) -> bool:
        """Whether what was counted as given back has failed, and not another try at it."""
        if outcome.status is not RefundStatus.FAILED:
            return False
        if known is None or known.status is not RefundStatus.SUCCEEDED:
            return True
        return known.refund_id == outcome.refund_id

    async def _found(self, refund: FrozenRefund) -> RefundOutcome | None:
        try:
            return await self._payments.find_refund(refund)
        except PaymentError as silent:
            activity.logger.warning("a refund could not be looked up: %s", silent)
            return None


def _never_confirmed(fee: OpenFee) -> NewAlert:
    sentence = (
        f"{fee.code}: its fee was given back on {fee.since:%Y-%m-%d}, and Stripe still does not "
        "say that it arrived. Look at the payment there, whose metadata names registration "
        f"{fee.registration_id}, and tell the parent."
    )
    return new_alert(
        AlertKind.REFUND_FAILED, fee.registration_id, sentence, matter="refund_pending"
    )
