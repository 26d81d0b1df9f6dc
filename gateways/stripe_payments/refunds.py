"""The fee given back: at most once, because the service refunds no more than was charged."""

import stripe

from domain.refunds import FrozenRefund, RefundOutcome, RefundReason, RefundStatus
from gateways.stripe_payments.classification import (
    ALREADY_REFUNDED,
    error_code,
    failure_of_call,
    failure_of_charge,
    outcome_of_refund,
    refund_refused,
)


class Refunds:
    """Refunds of PaymentIntents."""

    def __init__(self, client: stripe.StripeClient) -> None:
        self._refunds = client.v1.refunds

    async def refund(self, refund: FrozenRefund) -> RefundOutcome:
        """See `classification` for what each answer means."""
        duplicate = refund.reason is RefundReason.DUPLICATE_CHARGE
        try:
            made = await self._refunds.create_async(
                params={
                    "payment_intent": refund.payment_intent_id,
                    "amount": refund.amount.amount_cents,
                    "reason": "duplicate" if duplicate else "requested_by_customer",
                    "metadata": _metadata(refund),
                },
                options={"idempotency_key": refund.idempotency_key},
            )
            return outcome_of_refund(made)
        except stripe.InvalidRequestError as refused:
            if error_code(refused) == ALREADY_REFUNDED:
                return await self._in_full(refund) or refund_refused(refused)
            return refund_refused(refused)
        except Exception as failure:  # noqa: BLE001 - whatever it is, money may have moved
            raise failure_of_charge(failure) from None

    async def find(self, refund: FrozenRefund) -> RefundOutcome | None:
        """By our metadata, among those of the PaymentIntent."""
        wanted = _metadata(refund).items()
        listed = await self._listed(refund)
        return _best([made for made in listed if wanted <= _metadata_of(made).items()])

    async def _in_full(self, refund: FrozenRefund) -> RefundOutcome | None:
        """Whoever gave it back, such as a person at the service's own desk: it was given back."""
        outcome = _best(await self._listed(refund))
        return None if outcome is None or outcome.status is RefundStatus.FAILED else outcome

    async def _listed(self, refund: FrozenRefund) -> list[stripe.Refund]:
        try:
            listed = await self._refunds.list_async(
                params={"payment_intent": refund.payment_intent_id, "limit": 100}
            )
            return [made async for made in listed.auto_paging_iter()]
        except Exception as failure:  # noqa: BLE001 - the SDK raises raw errors for odd bodies
            raise failure_of_call(failure) from None


def _metadata(refund: FrozenRefund) -> dict[str, str]:
    return {
        "registration_id": str(refund.registration_id),
        "charge_number": str(refund.charge_number),
    }


def _metadata_of(refund: stripe.Refund) -> dict[str, str]:
    return refund.metadata.to_dict() if refund.metadata else {}


def _best(refunds: list[stripe.Refund]) -> RefundOutcome | None:
    """Where several were made, one that gave money back counts."""
    outcomes = [outcome_of_refund(made) for made in refunds]
    outcomes.sort(key=lambda outcome: outcome.status is RefundStatus.FAILED)
    return outcomes[0] if outcomes else None
