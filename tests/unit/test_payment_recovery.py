"""The rules of a payment's recovery, and its letters."""

from datetime import UTC, date, datetime, timedelta

import pytest

from domain.family import Guardian
from domain.invoices import Invoice, InvoiceStatus
from domain.money import Money
from domain.payment_recovery import Ending, LetterKind, RecoveryTiming, ending_of
from domain.recovery_letters import Owed, compose_recovery_letter
from domain.subscriptions import Billed, SubscriptionStatus, chosen
from gateways.stationery import words

NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
GUARDIAN = Guardian(
    first_name="Zoë",
    last_name="Lind",
    email="zoe@example.com",
    phone="+1 555 010 0100",
    birth_date=date(1985, 1, 2),
)
OWED = Owed(
    invoice_id="in_1",
    amount=Money(amount_cents=1_200),
    grace_ends_at=NOW + 30 * DAY,
    card_url="https://pay.invalid/card",
    pay_url="https://pay.invalid/in_1",
)


def billed(
    status: SubscriptionStatus = SubscriptionStatus.ACTIVE, days: int = 0, *, ending: bool = False
) -> Billed:
    return Billed(
        subscription_id=f"sub_{status}_{days}",
        status=status,
        created_at=NOW + days * DAY,
        cancel_at_period_end=ending,
    )


def invoice(status: InvoiceStatus) -> Invoice:
    return Invoice(
        invoice_id="in_1",
        status=status,
        amount_due=Money(amount_cents=1_200),
        amount_paid=Money(amount_cents=0),
        created_at=NOW,
        since=NOW,
    )


@pytest.mark.parametrize(
    ("owed_since", "ends"),
    [
        (NOW, NOW + 30 * DAY),
        (NOW - 3 * DAY, NOW + 27 * DAY),
        (NOW - 27 * DAY, NOW + 7 * DAY),
        (NOW - 100 * DAY, NOW + 7 * DAY),
        (NOW + DAY, NOW + 30 * DAY),
    ],
    ids=["heard at once", "a little late", "very late", "hopelessly late", "their clock is ahead"],
)
def test_the_grace_counts_from_the_failure_but_leaves_a_week_from_when_we_heard(
    owed_since: datetime, ends: datetime
) -> None:
    assert RecoveryTiming().ends(owed_since, NOW) == ends


PAST_DUE = billed(SubscriptionStatus.PAST_DUE)


@pytest.mark.parametrize(
    ("status", "plan", "ending"),
    [
        (InvoiceStatus.OPEN, PAST_DUE, None),
        (InvoiceStatus.PAID, PAST_DUE, Ending.PAID),
        (InvoiceStatus.PAID, billed(SubscriptionStatus.CANCELLED), Ending.PAID),
        (InvoiceStatus.OPEN, billed(SubscriptionStatus.CANCELLED), Ending.CANCELLED),
        (InvoiceStatus.OPEN, billed(SubscriptionStatus.PAST_DUE, ending=True), Ending.CANCELLED),
        (InvoiceStatus.OPEN, None, Ending.CANCELLED),
        (InvoiceStatus.VOID, PAST_DUE, Ending.WRITTEN_OFF),
        (InvoiceStatus.UNCOLLECTIBLE, PAST_DUE, Ending.WRITTEN_OFF),
    ],
)
def test_what_ends_a_recovery(
    status: InvoiceStatus, plan: Billed | None, ending: Ending | None
) -> None:
    assert ending_of(invoice(status), plan) is ending


def test_of_several_subscriptions_the_first_that_goes_on_counts_else_the_last() -> None:
    over = [billed(SubscriptionStatus.CANCELLED, day) for day in (0, 5)]
    live = [billed(SubscriptionStatus.ACTIVE, day) for day in (4, 2)]
    assert chosen([*over, *live]) == live[1]
    assert chosen(over) == over[1]
    assert chosen([]) is None


@pytest.mark.parametrize("kind", LetterKind)
def test_each_letter_says_what_is_owed_and_is_the_same_letter_again(kind: LetterKind) -> None:
    written = compose_recovery_letter(kind, GUARDIAN, OWED)

    assert written == compose_recovery_letter(kind, GUARDIAN, OWED)
    assert written.message_id == f"<{kind}.in_1@signupassist>"
    assert written.to == "zoe@example.com"
    text = words().write(written).text
    assert "Hello Zoë," in text
    assert "$12.00" in text


@pytest.mark.parametrize("kind", [kind for kind in LetterKind if kind is not LetterKind.DOWNGRADED])
def test_a_warning_names_the_day_and_leads_to_a_card_and_to_the_invoice(kind: LetterKind) -> None:
    text = _text(kind, OWED)

    assert "Wednesday, March 31, 2027, 12:00:00 PM Coordinated Universal Time (UTC)" in text
    assert OWED.card_url is not None
    assert OWED.card_url in text
    assert OWED.pay_url is not None
    assert OWED.pay_url in text
    bare = OWED.model_copy(update={"card_url": None, "pay_url": None})
    assert "ask us in the chat" in _text(kind, bare)


def test_after_the_downgrade_nothing_is_asked_for() -> None:
    text = _text(LetterKind.DOWNGRADED, OWED)
    assert "You owe nothing" in text
    assert "https://" not in text


def _text(kind: LetterKind, owed: Owed) -> str:
    return words().write(compose_recovery_letter(kind, GUARDIAN, owed)).text
