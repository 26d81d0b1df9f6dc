from datetime import datetime
from uuid import UUID

from pydantic import TypeAdapter

from domain.account_looks import StripeNotice, TakenEvent
from domain.family import Card
from domain.subscriptions import Billed, OpenedLook, Subscription
from gateways.supabase_records.client import ANY, DataApiClient

_SUBSCRIPTION = TypeAdapter(Subscription)
_OPENED_LOOK = TypeAdapter(OpenedLook)
_TAKEN_EVENT = TypeAdapter(TakenEvent)


class Subscriptions(DataApiClient):
    """Rows that mirror what the payment service has."""

    async def subscription(self, user_id: UUID) -> Subscription:
        return await self._call("get_subscription", _SUBSCRIPTION, user_id=user_id)

    async def save_checkout(
        self, user_id: UUID, session_id: str, expires_at: datetime, instead_of: str | None
    ) -> Subscription:
        return await self._call(
            "save_checkout",
            _SUBSCRIPTION,
            user_id=user_id,
            session_id=session_id,
            expires_at=expires_at,
            instead_of=instead_of,
        )

    async def end_checkout(self, user_id: UUID, session_id: str, card: Card | None) -> Subscription:
        return await self._call(
            "end_checkout", _SUBSCRIPTION, user_id=user_id, session_id=session_id, card=card
        )

    async def begin_look(self, user_id: UUID) -> OpenedLook:
        return await self._call("begin_look", _OPENED_LOOK, user_id=user_id)

    async def mirror(self, user_id: UUID, look: int, billed: Billed) -> Subscription:
        return await self._call(
            "mirror_subscription", _SUBSCRIPTION, user_id=user_id, look=look, billed=billed
        )

    async def card_used(self, user_id: UUID, payment_method_id: str) -> None:
        await self._call("card_used", ANY, user_id=user_id, payment_method_id=payment_method_id)

    async def take_event(self, notice: StripeNotice) -> TakenEvent:
        return await self._call("take_stripe_event", _TAKEN_EVENT, notice=notice)

    async def event_worked(self, event_id: str) -> None:
        await self._call("stripe_event_worked", ANY, event_id=event_id)
