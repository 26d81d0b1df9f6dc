"""The paid plan of an account, free of any vendor's wire format."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from domain.family import Card
from domain.frozen import Frozen, Instant


class Tier(StrEnum):
    """What an account has. Programs may rely on these words."""

    FREE = "free"
    PREMIUM = "premium"


class SubscriptionStatus(StrEnum):
    """Where a subscription stands. Programs may rely on these words."""

    NONE = "none"
    """There never was one."""
    PENDING = "pending"
    """A page to subscribe on is open, or paid and not told of yet. Never a row's: only answered."""
    ACTIVE = "active"
    PAST_DUE = "past_due"
    """A payment failed. All is as before while the grace lasts."""
    PAUSED = "paused"
    """An operator paused it at the payment service."""
    CANCELLED = "cancelled"
    """It has ended, by whoever's wish."""


LIVE = frozenset(
    {SubscriptionStatus.ACTIVE, SubscriptionStatus.PAST_DUE, SubscriptionStatus.PAUSED}
)
"""Nobody subscribes a second time meanwhile."""

GRANTING = frozenset({SubscriptionStatus.ACTIVE, SubscriptionStatus.PAST_DUE})
"""Those that make an account premium. The database says the same (`subscriptions.tier`)."""


class Billed(Frozen):
    """A subscription as the payment service has it: the truth, of which our row is the mirror."""

    subscription_id: str
    status: SubscriptionStatus
    created_at: Instant
    cancel_at_period_end: bool = False
    current_period_end: Instant | None = None
    payment_method_id: str | None = None
    """What it is charged to."""

    @property
    def live(self) -> bool:
        """Whether it goes on."""
        return self.status in LIVE

    @property
    def renews(self) -> bool:
        """Whether it goes on beyond its period."""
        return self.live and not self.cancel_at_period_end


class Subscription(Frozen):
    """The row of `subscriptions`: what was last seen at the payment service."""

    user_id: UUID
    subscription_id: str | None = None
    status: SubscriptionStatus = SubscriptionStatus.NONE
    tier: Tier = Tier.FREE
    cancel_at_period_end: bool = False
    current_period_end: Instant | None = None
    payment_method_id: str | None = None
    card_to_use: str | None = None
    """A card that was saved since, and that the subscription is to be charged to from now on."""
    checkout_session_id: str | None = None
    """The page to subscribe on that was made last; the next one is made instead of it."""
    checkout_expires_at: Instant | None = None
    """Of that page; None once it is known what became of it."""
    grace_ends_at: Instant | None = None
    """When the account is downgraded, unless it is paid before; None while nothing is owed."""

    @property
    def live(self) -> bool:
        """Whether it goes on."""
        return self.status in LIVE

    @property
    def unsettled_page(self) -> str | None:
        """The page of which it is not known what became of it."""
        return self.checkout_session_id if self.checkout_expires_at is not None else None


class OpenedLook(Frozen):
    """Leave to look at the payment service and to write down what is there."""

    look: int
    """Counts up: what a later look has written, an earlier one does not undo."""
    subscription: Subscription


class CheckoutOrder(Frozen):
    """A page to subscribe on."""

    user_id: UUID
    customer_id: str
    price_id: str
    return_url: str
    """Where the parent comes back to, with `checkout=done` or `=cancelled`."""
    instead_of: str | None = None
    """The page made before. Asked for twice instead of the same one, it is the same page: so each
    page must be made instead of another."""


class CheckoutPage(Frozen):
    """A hosted page on which a parent subscribes."""

    session_id: str
    url: Annotated[str, Field(repr=False)]
    """For this parent alone."""
    expires_at: Instant


class Checkout(Frozen):
    """What became of such a page."""

    page: CheckoutPage | None = None
    """While it may still be used."""
    complete: bool = False
    """Whether it was paid on: the subscription exists."""
    card: Card | None = None
    """What it was paid with."""


def chosen(found: Iterable[Billed]) -> Billed | None:
    """The one that our row mirrors: of those that go on the first, else the last one made."""
    oldest_first = sorted(found, key=lambda one: one.created_at)
    live = [one for one in oldest_first if one.live]
    return live[0] if live else next(reversed(oldest_first), None)
