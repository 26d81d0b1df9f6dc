"""Cards and the success fee."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from domain.family import Card
from domain.payments import CardSetup, ChargeOutcome, FrozenCharge, PaymentAccess
from domain.refunds import FrozenRefund, RefundOutcome
from gateways.protocols.billing import Billing


class Payments(Protocol):
    """The payment service. Raises only `domain.errors.PaymentError` and its kin."""

    @property
    def billing(self) -> Billing:
        """The paid plan there, over the same connections."""
        ...

    async def access(self, *, subscriptions: bool = False) -> PaymentAccess:
        """What our key may read; of what subscriptions need too, where those are sold.

        Nothing is changed; whether it may write is not told so.

        Raises:
            PaymentMisconfigured: the key is refused altogether.
            PaymentUnavailable: no answer.
        """
        ...

    async def create_customer(self, user_id: UUID) -> str:
        """The id of the user's customer. Repeating it for a user returns the same one."""
        ...

    async def delete_customer(self, customer_id: str) -> None:
        """Delete the customer with the cards and subscriptions; what was paid stays in the books.

        Repeatable: one that is gone, or never was, is deleted.
        """
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
            PaymentStuck: likewise, and every repeat will say the same; look it up.
            PaymentUnavailable: surely not charged; repeat later with the same key.
            PaymentMisconfigured: the key or the parameters are wrong.
        """
        ...

    async def find_charge(self, charge: FrozenCharge, since: datetime) -> ChargeOutcome | None:
        """The charge found by the customer's payments since then and our metadata.

        For when the key may have been pruned (after 23 h), when repeating would charge anew.
        """
        ...

    async def outcome(self, charge: FrozenCharge, intent_id: str) -> ChargeOutcome:
        """What has become of a charge that asked for the parent's approval.

        Raises:
            PaymentUnknown: it is under way.
        """
        ...

    async def withdraw(self, charge: FrozenCharge, intent_id: str) -> ChargeOutcome:
        """End that charge so that it can never take money; repeatable.

        `declined` when it is ended; `succeeded` when it was paid before, which stays so.
        """
        ...

    async def approval_page(
        self, charge: FrozenCharge, intent_id: str, return_url: str
    ) -> str | None:
        """The bank's page on which the parent approves that same charge; repeatable.

        Asking for it may complete the charge, where the bank then asks nothing more. None when
        nothing waits for approval: `outcome` tells what became of it.
        """
        ...

    async def refund(self, refund: FrozenRefund) -> RefundOutcome:
        """Give it back with the frozen key and parameters; repeating is the look-up.

        One already given back in full counts as given back, whoever did it.

        Raises:
            PaymentUnknown, PaymentStuck, PaymentUnavailable, PaymentMisconfigured: as `charge`.
        """
        ...

    async def find_refund(self, refund: FrozenRefund) -> RefundOutcome | None:
        """The refund found by its payment and our metadata, for when the key may be forgotten."""
        ...

    async def aclose(self) -> None:
        """Give back the connections."""
        ...
