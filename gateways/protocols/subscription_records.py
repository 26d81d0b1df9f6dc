"""Subscriptions, and the events that tell of them."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from domain.account_looks import StripeNotice, TakenEvent
from domain.family import Card
from domain.subscriptions import Billed, OpenedLook, Subscription


class SubscriptionRecords(Protocol):
    """Rows that mirror what the payment service has."""

    async def subscription(self, user_id: UUID) -> Subscription:
        """The account's; a bare one where it never subscribed.

        Raises:
            RecordMissing: there is no such user.
        """
        ...

    async def save_checkout(
        self, user_id: UUID, session_id: str, expires_at: datetime, instead_of: str | None
    ) -> Subscription:
        """Remember the page to subscribe on, instead of the one known.

        Where another was remembered meanwhile that one stays, and the row names it.
        """
        ...

    async def end_checkout(self, user_id: UUID, session_id: str, card: Card | None) -> Subscription:
        """It is known what became of that page; the card it was paid with is the account's now.

        Nothing changes where another page is remembered.
        """
        ...

    async def begin_look(self, user_id: UUID) -> OpenedLook:
        """Before the payment service is asked. Raises RecordMissing."""
        ...

    async def mirror(self, user_id: UUID, look: int, billed: Billed) -> Subscription:
        """Write down what that look found, row and profile alike.

        Nothing changes where a later look has written already, or where the database knows of no
        look of that number: it was restored since.
        """
        ...

    async def card_used(self, user_id: UUID, payment_method_id: str) -> None:
        """The subscription is charged to that card now; one saved since stays to be used."""
        ...

    async def take_event(self, notice: StripeNotice) -> TakenEvent:
        """Write the event down, once; whose customer it is about."""
        ...

    async def event_worked(self, event_id: str) -> None:
        """It was worked off. Repeatable."""
        ...
