"""The letters about a subscription that could not be paid, in plain words."""

from collections.abc import Callable
from datetime import datetime

from domain.family import Guardian
from domain.frozen import Frozen, Instant
from domain.mail import Letter
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


def compose_recovery_letter(kind: LetterKind, guardian: Guardian, owed: Owed) -> Letter:
    """The letter; its Message-ID is the same on every attempt, and after a restore."""
    subject, words = _LETTERS[kind]
    return Letter(
        message_id=f"<{kind.value}.{owed.invoice_id}@signupassist>",
        to=guardian.email,
        subject=subject,
        text=f"Hello {guardian.first_name},\n\n{words(owed)}\n\nSignupAssist",
    )


def _immediate(owed: Owed) -> str:
    return (
        f"We could not take {owed.amount} for your SignupAssist subscription. Nothing changes for "
        f"now: you keep everything until {_day(owed.grace_ends_at)}, and the payment is tried "
        f"again meanwhile.\n{_what_to_do(owed)}"
    )


def _a_week_left(owed: Owed) -> str:
    return (
        f"Your SignupAssist subscription is still unpaid: {owed.amount}. If that stays so, your "
        f"account changes to the free plan on {_day(owed.grace_ends_at)}.\n{_what_to_do(owed)}"
    )


def _a_day_left(owed: Owed) -> str:
    return (
        f"This is the last reminder: {owed.amount} for your SignupAssist subscription are unpaid. "
        f"On {_day(owed.grace_ends_at)} your account changes to the free plan."
        f"\n{_what_to_do(owed)}"
    )


def _downgraded(owed: Owed) -> str:
    return (
        f"Your SignupAssist subscription has ended, because {owed.amount} stayed unpaid. Your "
        "account is on the free plan now. You owe nothing, and nothing more is charged for the "
        "subscription. What you have scheduled stays scheduled. To have it back, subscribe again."
    )


def _what_to_do(owed: Owed) -> str:
    ways: list[str] = []
    if owed.card_url is not None:
        ways.append(f"To use another card, save it on this page:\n{owed.card_url}")
    if owed.pay_url is not None:
        ways.append(f"To pay it at once:\n{owed.pay_url}")
    if not ways:
        return "To use another card, ask us in the chat for the page to save it on."
    return "\n".join(ways)


def _day(instant: datetime) -> str:
    """By UTC, and said so: nobody has told us where a parent lives."""
    return f"{instant:%A}, {instant.day} {instant:%B %Y} at {instant:%H:%M} UTC"


_LETTERS: dict[LetterKind, tuple[str, Callable[[Owed], str]]] = {
    LetterKind.PAYMENT_FAILED_IMMEDIATE: ("Your payment did not go through", _immediate),
    LetterKind.PAYMENT_FAILED_7DAY: ("One week left to pay", _a_week_left),
    LetterKind.PAYMENT_FAILED_1DAY: ("One day left to pay", _a_day_left),
    LetterKind.DOWNGRADED: ("Your account is on the free plan", _downgraded),
}
