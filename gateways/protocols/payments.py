"""Cards and the success fee."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from domain.family import Card
from domain.payments import CardSetup, ChargeOutcome, FrozenCharge


class Payments(Protocol):
    """The payment service. Raises only `domain.errors.PaymentError` and its kin."""

    async def create_customer(self, user_id: UUID) -> str:
        """The id of the user's customer. Repeating it for a user returns the same one."""
        ...

    async def start_card_setup(self, customer_id: str, return_url: str) -> CardSetup:
        """A hosted page on which the parent saves a card. No card data passes through us."""
        ...

    async def card_from_setup(self, session_id: str) -> Card | None:
        """The card saved on that page, or None while the parent has not finished."""
        ...

    async def open_card_setup(self, session_id: str) -> CardSetup | None:
        """The page of that session while the parent may still use it; else None."""
        ...

    async def charge(self, charge: FrozenCharge) -> ChargeOutcome:
        """Charge off-session with the frozen key and parameters; repeating is the look-up.

        Returns only `succeeded`, `declined` or `requires_action`: definite answers.

        Raises:
            PaymentUnknown: time-out, reset, 5xx or an unreadable answer.
            PaymentUnavailable: surely not charged; repeat later with the same key.
            PaymentMisconfigured: the key or the parameters are wrong.
        """
        ...

    async def find_charge(self, charge: FrozenCharge, since: datetime) -> ChargeOutcome | None:
        """The charge found by the customer's payments since then and our metadata.

        For when the key may have been pruned (after 23 h), when repeating would charge anew.
        """
        ...

    async def aclose(self) -> None:
        """Give back the connections."""
        ...
