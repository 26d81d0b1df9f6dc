"""A PaymentIntent that waits for the cardholder: asked of again, shown to them, or withdrawn."""

import stripe

from domain.errors import PaymentError
from domain.payments import ChargeOutcome, ChargeStatus, FrozenCharge
from gateways.stripe_payments.classification import failure_of_call, outcome_of_intent


class Approvals:
    """Every call may be repeated: one PaymentIntent takes its money once."""

    def __init__(self, client: stripe.StripeClient) -> None:
        self._intents = client.v1.payment_intents

    async def outcome(self, charge: FrozenCharge, intent_id: str) -> ChargeOutcome:
        """As it is now."""
        try:
            return outcome_of_intent(charge.number, await self._intents.retrieve_async(intent_id))
        except Exception as failure:  # noqa: BLE001 - the SDK raises raw errors for odd bodies
            raise _failed(failure) from None

    async def withdraw(self, charge: FrozenCharge, intent_id: str) -> ChargeOutcome:
        """Cancel it; one that has ended is as it ended."""
        try:
            try:
                intent = await self._intents.cancel_async(
                    intent_id, params={"cancellation_reason": "abandoned"}
                )
            except stripe.InvalidRequestError:
                intent = await self._intents.retrieve_async(intent_id)
            return outcome_of_intent(charge.number, intent)
        except Exception as failure:  # noqa: BLE001 - the SDK raises raw errors for odd bodies
            raise _failed(failure) from None

    async def page(self, charge: FrozenCharge, intent_id: str, return_url: str) -> str | None:
        """The bank's page: the one that waits, else a new one by confirming on-session."""
        try:
            intent = await self._intents.retrieve_async(intent_id)
            if outcome_of_intent(charge.number, intent).status is not ChargeStatus.REQUIRES_ACTION:
                return None
            if intent.status != "requires_action":
                intent = await self._intents.confirm_async(
                    intent_id,
                    params={
                        "payment_method": charge.payment_method_id,
                        "return_url": return_url,
                    },
                )
        except (stripe.CardError, stripe.InvalidRequestError):
            # Declined now, or ended meanwhile: there is nothing to approve any more.
            return None
        except Exception as failure:  # noqa: BLE001 - the SDK raises raw errors for odd bodies
            raise _failed(failure) from None
        asked = getattr(intent, "next_action", None)
        redirect = getattr(asked, "redirect_to_url", None)
        return getattr(redirect, "url", None)


def _failed(failure: Exception) -> PaymentError:
    return failure if isinstance(failure, PaymentError) else failure_of_call(failure)
