from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from domain.account_looks import StripeNotice, TakenEvent, digest_of
from domain.family import Card, Payer
from domain.frozen import Frozen, Instant
from domain.subscriptions import GRANTING, LIVE, Billed, OpenedLook, Subscription, Tier
from gateways.fakes.records.people import People
from gateways.fakes.records.tables import utc_now


class EventRow(Frozen):
    """An event of Stripe's."""

    notice: StripeNotice
    user_id: UUID | None = None
    worked_at: Instant | None = None


class Subscriptions(People):
    """Rows that mirror what the payment service has."""

    def __init__(self, now: Callable[[], datetime] = utc_now) -> None:
        super().__init__(now)
        self.subscriptions: dict[UUID, Subscription] = {}
        self.tiers: dict[UUID, Tier] = {}
        """The profiles' column."""
        self.looks_begun: dict[UUID, int] = {}
        self.looks_written: dict[UUID, int] = {}
        self.stripe_events: dict[str, EventRow] = {}

    async def subscription(self, user_id: UUID) -> Subscription:
        self._profile(user_id)
        return self.subscriptions.get(user_id, Subscription(user_id=user_id))

    async def save_checkout(
        self, user_id: UUID, session_id: str, expires_at: datetime, instead_of: str | None
    ) -> Subscription:
        if (await self.subscription(user_id)).checkout_session_id == instead_of:
            self._set(user_id, checkout_session_id=session_id, checkout_expires_at=expires_at)
        return await self.subscription(user_id)

    async def end_checkout(self, user_id: UUID, session_id: str, card: Card | None) -> Subscription:
        if (await self.subscription(user_id)).unsettled_page == session_id:
            self._set(user_id, checkout_expires_at=None)
            if card is not None:
                self._change(user_id, card=card)
        return await self.subscription(user_id)

    async def save_card(self, user_id: UUID, session_id: str, card: Card) -> Payer:
        known = self._profile(user_id).setup_session_id
        payer = await super().save_card(user_id, session_id, card)
        kept = self.subscriptions.get(user_id)
        if known == session_id and kept is not None and kept.live:
            self._set(user_id, card_to_use=card.payment_method_id)
        return payer

    async def begin_look(self, user_id: UUID) -> OpenedLook:
        subscription = await self.subscription(user_id)
        self.looks_begun[user_id] = self.looks_begun.get(user_id, 0) + 1
        return OpenedLook(look=self.looks_begun[user_id], subscription=subscription)

    async def mirror(self, user_id: UUID, look: int, billed: Billed) -> Subscription:
        self._profile(user_id)
        if self.looks_written.get(user_id, 0) < look <= self.looks_begun.get(user_id, 0):
            self.looks_written[user_id] = look
            tier = Tier.PREMIUM if billed.status in GRANTING else Tier.FREE
            facts = billed.model_dump(exclude={"created_at"})
            self._set(user_id, **facts, tier=tier)
            if billed.status not in LIVE:
                self._set(user_id, card_to_use=None)
            self.tiers[user_id] = tier
        return await self.subscription(user_id)

    async def card_used(self, user_id: UUID, payment_method_id: str) -> None:
        kept = self.subscriptions.get(user_id)
        if kept is not None and kept.card_to_use == payment_method_id:
            self._set(user_id, card_to_use=None)

    async def take_event(self, notice: StripeNotice) -> TakenEvent:
        owners = [
            user_id
            for user_id, profile in self.profiles.items()
            if profile.stripe_customer_id is not None
            and digest_of(profile.stripe_customer_id) == notice.customer
        ]
        first = EventRow(notice=notice, user_id=owners[0] if owners else None)
        row = self.stripe_events.setdefault(notice.event_id, first)
        return TakenEvent(user_id=row.user_id, worked=row.worked_at is not None)

    async def event_worked(self, event_id: str) -> None:
        row = self.stripe_events.get(event_id)
        if row is not None and row.worked_at is None:
            self.stripe_events[event_id] = row.model_copy(update={"worked_at": self.now()})

    def _set(self, user_id: UUID, **columns: object) -> None:
        kept = self.subscriptions.get(user_id, Subscription(user_id=user_id))
        self.subscriptions[user_id] = kept.model_copy(update=columns)
