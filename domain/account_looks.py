"""Looks at an account at the payment service: what asks for one, and what came of it."""

from hashlib import sha256
from uuid import UUID

from pydantic import Field

from domain.frozen import Frozen
from domain.subscriptions import SubscriptionStatus


def digest_of(customer_id: str) -> str:
    """What stands for a customer where its id is not to be kept. The database has the same."""
    return sha256(customer_id.encode()).hexdigest()


class StripeNotice(Frozen):
    """Stripe says that something changed. Only whose: the rest is asked for."""

    event_id: str = Field(min_length=1, max_length=255)
    kind: str = Field(min_length=1, max_length=100)
    customer: str = Field(pattern=r"^[0-9a-f]{64}$")
    """As `digest_of` has it: no history names anybody's id at Stripe."""


class TakenEvent(Frozen):
    """An event as it was written down."""

    user_id: UUID | None = None
    """None: the customer is none of ours."""
    worked: bool = False
    """Whether it was worked off before."""


class AccountLook(Frozen):
    """Look at everything that the payment service has of this account."""

    user_id: UUID


class AccountReport(Frozen):
    """What came of a look."""

    status: SubscriptionStatus | None = None
    """What our row says now; None where nobody was looked at."""
    recoveries: int = 0
    """Runs that were started, or told to look."""
