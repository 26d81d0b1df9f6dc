"""The success fee, free of any vendor's wire format."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from domain.frozen import Frozen, Instant
from domain.money import Money


class CardSetup(Frozen):
    """A hosted page on which the parent saves a card."""

    session_id: str
    url: Annotated[str, Field(repr=False)]
    """For this parent alone."""
    expires_at: Instant


class PaymentAccess(Frozen):
    """What our key may do at the payment service, as far as asking tells."""

    withheld: tuple[str, ...] = ()
    """What it may not even read, though this service needs it."""


class FrozenCharge(Frozen):
    """A charge whose key and parameters were written down before its first send."""

    registration_id: UUID
    number: int
    """Raised only after a definite decline and `retry_fee`; starts at 1."""
    idempotency_key: str
    amount: Money
    customer_id: str
    payment_method_id: str
    first_sent_at: Instant
    may_exist_since: Instant | None = None
    """A service that was lost may have made this very charge since then: look for it first."""


class ChargeStatus(StrEnum):
    """How a charge ended, or that it has not."""

    FROZEN = "frozen"
    SUCCEEDED = "succeeded"
    DECLINED = "declined"
    REQUIRES_ACTION = "requires_action"


class ChargeOutcome(Frozen):
    """What the payment service answered, definitely."""

    number: int
    status: ChargeStatus
    payment_intent_id: str | None = None
    decline_code: str | None = None


class ChargeRecord(Frozen):
    """The row of `charges`: a frozen charge and what is known of its end."""

    charge: FrozenCharge
    status: ChargeStatus = ChargeStatus.FROZEN
    payment_intent_id: str | None = None
    decline_code: str | None = None


NEVER_MADE = "never_made"
"""Our own decline code: looked up and not found, so the next charge need wait for no other card."""
