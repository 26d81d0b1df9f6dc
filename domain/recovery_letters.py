"""The letters about a subscription that could not be paid: what each is about."""

from domain.family import Guardian, Reader
from domain.frozen import Frozen, Instant
from domain.mail import AboutSubscription, Letter
from domain.money import Money
from domain.payment_recovery import LetterKind


class Owed(Frozen):
    """What such a letter is about."""

    invoice_id: str
    amount: Money
    grace_ends_at: Instant
    card_url: str | None = None
    """A page on which another card can be saved. It goes nowhere but into the letter."""
    pay_url: str | None = None
    """A page on which the invoice can be paid. Likewise."""


def compose_recovery_letter(
    kind: LetterKind, guardian: Guardian, owed: Owed, reader: Reader | None = None
) -> Letter:
    """The letter; its Message-ID is the same on every attempt, and after a restore."""
    return Letter(
        message_id=f"<{kind.value}.{owed.invoice_id}@signupassist>",
        to=guardian.email,
        template=kind.value,
        first_name=guardian.first_name,
        reader=reader or Reader(),
        about=AboutSubscription(
            amount_due=owed.amount,
            ends=owed.grace_ends_at,
            card_page=owed.card_url,
            payment_page=owed.pay_url,
        ),
    )
