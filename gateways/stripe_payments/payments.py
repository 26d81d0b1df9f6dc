"""The success fee and the card it is charged to."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx
import stripe
from pydantic import SecretStr

from domain.errors import PaymentUnavailable, PaymentUnknown
from domain.family import Card
from domain.payments import CardSetup, ChargeOutcome, FrozenCharge, PaymentAccess
from domain.refunds import FrozenRefund, RefundOutcome
from gateways.stripe_payments.access import access
from gateways.stripe_payments.approval import Approvals
from gateways.stripe_payments.asking import TIMEOUT, Asking, repeatable, returning
from gateways.stripe_payments.billing import StripeBilling
from gateways.stripe_payments.cards import card_of
from gateways.stripe_payments.classification import (
    MISSING,
    error_code,
    failure_of_call,
    failure_of_charge,
    outcome_of_decline,
    outcome_of_intent,
    outcome_of_refusal,
)
from gateways.stripe_payments.refunds import Refunds

CLOCK_MARGIN = timedelta(seconds=60)
"""By how much the service's clock may lie behind ours."""


class StripePayments:
    """A `Payments` over Stripe's SDK. Retries belong to the caller: there are none here.

    Attributes of construction:
        secret_key: `sk_...`.
        api_base: a stand-in's address without a trailing slash; None for Stripe itself.
        timeout: the longest silence of one call.
        transport: in place of the network, for tests.
    """

    def __init__(
        self,
        secret_key: SecretStr,
        api_base: str | None = None,
        *,
        timeout: timedelta = TIMEOUT,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._asking = Asking.of(secret_key, api_base, timeout, transport)
        self._stripe = self._asking.stripe
        self.billing = StripeBilling(self._stripe)
        self._approvals = Approvals(self._stripe)
        self._refunds = Refunds(self._stripe)

    async def access(self, *, subscriptions: bool = False) -> PaymentAccess:
        return await access(self._stripe, subscriptions=subscriptions)

    async def create_customer(self, user_id: UUID) -> str:
        """Repeatable for as long as Stripe keeps the key, at least a day; its id is then stored."""
        customer = await repeatable(
            self._stripe.v1.customers.create_async(
                params={"metadata": {"user_id": str(user_id)}},
                options={"idempotency_key": f"customer-{user_id}"},
            )
        )
        return customer.id

    async def delete_customer(self, customer_id: str) -> None:
        """Stripe keeps payments and refunds, and no longer says whose they were."""
        try:
            await self._stripe.v1.customers.delete_async(customer_id)
        except stripe.InvalidRequestError as refused:
            if error_code(refused) != MISSING:
                raise failure_of_call(refused) from None
        except Exception as failure:  # noqa: BLE001 - the SDK raises raw errors for odd bodies
            raise failure_of_call(failure) from None

    async def start_card_setup(self, customer_id: str, return_url: str) -> CardSetup:
        """The parent comes back to `return_url` with `card_setup=done` or `=cancelled`."""
        session = await repeatable(
            self._stripe.v1.checkout.sessions.create_async(
                params={
                    "mode": "setup",
                    "currency": "usd",
                    "customer": customer_id,
                    "allowed_payment_method_types": ["card"],
                    "success_url": returning(return_url, card_setup="done"),
                    "cancel_url": returning(return_url, card_setup="cancelled"),
                }
            )
        )
        page = _page(session)
        if page is None:
            raise PaymentUnavailable("the payment service named no page for saving a card")
        return page

    async def card_from_setup(self, session_id: str) -> Card | None:
        session = await repeatable(
            self._stripe.v1.checkout.sessions.retrieve_async(
                session_id, params={"expand": ["setup_intent.payment_method"]}
            )
        )
        setup = session.setup_intent
        if not isinstance(setup, stripe.SetupIntent) or setup.status != "succeeded":
            return None
        method = setup.payment_method
        return card_of(method) if isinstance(method, stripe.PaymentMethod) else None

    async def open_card_setup(self, session_id: str) -> CardSetup | None:
        session = await repeatable(self._stripe.v1.checkout.sessions.retrieve_async(session_id))
        return _page(session) if session.status == "open" else None

    async def charge(self, charge: FrozenCharge) -> ChargeOutcome:
        """See `classification` for what each answer means."""
        try:
            intent = await self._stripe.v1.payment_intents.create_async(
                params={
                    "amount": charge.amount.amount_cents,
                    "currency": charge.amount.currency.lower(),
                    "customer": charge.customer_id,
                    "payment_method": charge.payment_method_id,
                    "allowed_payment_method_types": ["card"],
                    "confirm": True,
                    "off_session": True,
                    "metadata": _metadata(charge),
                },
                options={"idempotency_key": charge.idempotency_key},
            )
            return outcome_of_intent(charge.number, intent)
        except PaymentUnknown:
            raise
        except stripe.CardError as declined:
            return outcome_of_decline(charge.number, declined)
        except stripe.InvalidRequestError as refused:
            return outcome_of_refusal(charge.number, refused)
        except Exception as failure:  # noqa: BLE001 - whatever it is, money may have moved
            raise failure_of_charge(failure) from None

    async def find_charge(self, charge: FrozenCharge, since: datetime) -> ChargeOutcome | None:
        """Where several were made under these metadata, one that succeeded counts."""
        wanted = _metadata(charge)
        try:
            listed = await self._stripe.v1.payment_intents.list_async(
                params={
                    "customer": charge.customer_id,
                    "created": {"gte": int((since - CLOCK_MARGIN).timestamp())},
                    "limit": 100,
                }
            )
            found = [
                intent
                async for intent in listed.auto_paging_iter()
                if wanted.items() <= intent.metadata.to_dict().items()
            ]
            # Among equals the earliest decides.
            found.sort(key=lambda intent: (intent.status != "succeeded", intent.created))
            return outcome_of_intent(charge.number, found[0]) if found else None
        except PaymentUnknown:
            raise
        except Exception as failure:  # noqa: BLE001 - the SDK raises raw errors for odd bodies
            raise failure_of_call(failure) from None

    async def outcome(self, charge: FrozenCharge, intent_id: str) -> ChargeOutcome:
        return await self._approvals.outcome(charge, intent_id)

    async def withdraw(self, charge: FrozenCharge, intent_id: str) -> ChargeOutcome:
        return await self._approvals.withdraw(charge, intent_id)

    async def approval_page(
        self, charge: FrozenCharge, intent_id: str, return_url: str
    ) -> str | None:
        return await self._approvals.page(charge, intent_id, return_url)

    async def refund(self, refund: FrozenRefund) -> RefundOutcome:
        return await self._refunds.refund(refund)

    async def find_refund(self, refund: FrozenRefund) -> RefundOutcome | None:
        return await self._refunds.find(refund)

    async def aclose(self) -> None:
        await self._asking.aclose()


def _metadata(charge: FrozenCharge) -> dict[str, str]:
    return {
        "registration_id": str(charge.registration_id),
        "charge_number": str(charge.number),
    }


def _page(session: stripe.checkout.Session) -> CardSetup | None:
    if session.url is None:
        return None
    return CardSetup(
        session_id=session.id,
        url=session.url,
        expires_at=datetime.fromtimestamp(session.expires_at, UTC),
    )
