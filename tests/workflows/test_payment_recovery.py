"""A payment that failed: three letters on their days, then the free plan; or an earlier end."""

from datetime import timedelta

import pytest

from domain.errors import MailUndelivered, PaymentUnavailable
from domain.invoices import Invoice, InvoiceStatus
from domain.job_orders import EntityReport
from domain.payment_recovery import Ending, LetterKind
from domain.subscriptions import SubscriptionStatus, Tier
from tests.eventually import eventually
from tests.workflows.subscribing import (
    cancel,
    check_graces,
    ended,
    kept,
    letters,
    new_card,
    reactivate,
    standing,
    subscribed,
    told,
    unpaid,
)
from tests.workflows.sweeping import later
from tests.workflows.world import World, card

DAY = timedelta(days=1)
IMMEDIATE = LetterKind.PAYMENT_FAILED_IMMEDIATE
A_WEEK = LetterKind.PAYMENT_FAILED_7DAY
A_DAY = LetterKind.PAYMENT_FAILED_1DAY
DOWNGRADED = LetterKind.DOWNGRADED


async def test_three_letters_on_their_days_then_the_free_plan(world: World) -> None:
    subscription_id, invoice = await unpaid(world)
    begun = await standing(world)
    assert (begun.status, begun.tier) == (SubscriptionStatus.PAST_DUE, Tier.PREMIUM)
    assert begun.grace_ends_at == invoice.since + 30 * DAY

    await later(world, 22.9 * DAY)
    await letters(world, IMMEDIATE)
    await later(world, 0.2 * DAY)
    await letters(world, IMMEDIATE, A_WEEK)
    await later(world, 5.7 * DAY)
    await letters(world, IMMEDIATE, A_WEEK)
    await later(world, 0.3 * DAY)
    await letters(world, IMMEDIATE, A_WEEK, A_DAY)
    assert (await standing(world)).tier is Tier.PREMIUM
    await later(world, DAY)

    await letters(world, IMMEDIATE, A_WEEK, A_DAY, DOWNGRADED)
    assert await ended(world, invoice) is Ending.DOWNGRADED
    over = await standing(world)
    assert (over.status, over.tier) == (SubscriptionStatus.CANCELLED, Tier.FREE)
    assert over.grace_ends_at is None
    assert world.records.tiers[world.user] is Tier.FREE
    assert (await world.billing.invoice(invoice.invoice_id)).status is InvoiceStatus.VOID
    billed = await world.billing.subscription(subscription_id)
    assert billed is not None
    assert not billed.live


@pytest.mark.parametrize(
    ("days", "sent"), [(28.5, [IMMEDIATE, A_WEEK]), (29.5, [IMMEDIATE, A_WEEK, A_DAY])]
)
async def test_paid_around_day_29_nothing_more_is_written_and_nobody_is_downgraded(
    world: World, days: float, sent: list[LetterKind]
) -> None:
    _, invoice = await unpaid(world)
    await later(world, days * DAY)
    await letters(world, *sent)
    world.billing.declined.clear()
    world.billing.try_again(invoice.invoice_id)
    await told(world, "invoice.paid")

    assert await ended(world, invoice) is Ending.PAID
    await later(world, 10 * DAY)

    await letters(world, *sent)
    now = await standing(world)
    assert (now.status, now.tier) == (SubscriptionStatus.ACTIVE, Tier.PREMIUM)
    assert now.grace_ends_at is None
    assert kept(world, invoice).ending is Ending.PAID


async def test_a_payment_that_nobody_told_of_is_seen_before_the_next_letter(world: World) -> None:
    _, invoice = await unpaid(world)
    world.billing.declined.clear()
    world.billing.try_again(invoice.invoice_id)

    await later(world, 24 * DAY)

    assert await ended(world, invoice) is Ending.PAID
    await letters(world, IMMEDIATE)


async def test_paid_in_the_last_moment_it_is_paid_and_not_void(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, invoice = await unpaid(world)
    give_up = world.billing.give_up

    async def just_after_it_was_paid(invoice_id: str) -> Invoice:
        world.billing.declined.clear()
        world.billing.try_again(invoice_id)
        return await give_up(invoice_id)

    monkeypatch.setattr(world.billing, "give_up", just_after_it_was_paid)
    await later(world, 31 * DAY)

    assert await ended(world, invoice) is Ending.PAID
    assert (await standing(world)).tier is Tier.PREMIUM
    await letters(world, IMMEDIATE, A_WEEK, A_DAY)


async def test_a_new_card_pays_what_is_owed_and_ends_it(world: World) -> None:
    subscription_id, invoice = await unpaid(world)
    await later(world, 5 * DAY)

    await new_card(world, 2)

    assert await ended(world, invoice) is Ending.PAID
    assert world.billing.tries[-1] == (invoice.invoice_id, "pm_2")
    billed = await world.billing.subscription(subscription_id)
    assert billed is not None
    assert billed.payment_method_id == "pm_2"
    assert (await world.records.profile(world.user)).card == card(2)
    await later(world, 30 * DAY)
    await letters(world, IMMEDIATE)


async def test_a_new_card_that_is_declined_too_ends_nothing(world: World) -> None:
    _, invoice = await unpaid(world)
    world.billing.declined.add("pm_2")

    await new_card(world, 2)
    await told(world)

    assert world.billing.tries.count((invoice.invoice_id, "pm_2")) == 1
    assert kept(world, invoice).ended_at is None
    await later(world, 24 * DAY)
    await letters(world, IMMEDIATE, A_WEEK)


async def test_a_cancellation_ends_it_and_taking_that_back_goes_on_with_the_same_grace(
    world: World,
) -> None:
    _, invoice = await unpaid(world)
    over_at = (await standing(world)).grace_ends_at

    await cancel(world)
    assert await ended(world, invoice) is Ending.CANCELLED
    await later(world, 24 * DAY)
    await letters(world, IMMEDIATE)
    await reactivate(world)

    await eventually(lambda: kept(world, invoice).ended_at is None)
    assert (await standing(world)).grace_ends_at == over_at
    await later(world, 5.5 * DAY)
    await letters(world, IMMEDIATE, A_DAY)


async def test_an_invoice_that_an_operator_ends_is_recovered_no_more(world: World) -> None:
    _, invoice = await unpaid(world)
    world.billing.write_off(invoice.invoice_id)
    await told(world, "invoice.voided")

    assert await ended(world, invoice) is Ending.WRITTEN_OFF
    assert (await standing(world)).tier is Tier.PREMIUM


async def test_heard_of_late_the_parent_still_has_a_week(world: World) -> None:
    subscription_id = await subscribed(world)
    await later(world, 31 * DAY)
    world.billing.declined.add("pm_1")
    invoice = world.billing.renew(subscription_id)
    await later(world, 27 * DAY)

    await told(world)

    await letters(world, IMMEDIATE)
    now = await world.env.get_current_time()
    grace = (await standing(world)).grace_ends_at
    assert grace is not None
    assert abs(grace - (now + 7 * DAY)) < timedelta(minutes=5)
    await later(world, 6.5 * DAY)
    await letters(world, IMMEDIATE, A_DAY)
    await later(world, DAY)
    assert await ended(world, invoice) is Ending.DOWNGRADED


async def test_a_silent_mail_server_holds_no_downgrade_up_and_a_letter_goes_out_once(
    world: World,
) -> None:
    subscription_id = await subscribed(world)
    await later(world, 31 * DAY)
    world.billing.declined.add("pm_1")
    invoice = world.billing.renew(subscription_id)
    down = MailUndelivered("down", permanent=False)
    world.mail.script.fail_next("send", down, times=3)
    world.mail.script.fail_next("send", down, after_commit=True)

    await told(world)
    await later(world, 28.5 * DAY)
    await letters(world, IMMEDIATE, IMMEDIATE, A_WEEK)
    first, again, _ = world.mail.letters
    assert first == again
    world.mail.script.fail_next("send", down, times=10_000)
    await later(world, 3 * DAY)

    assert (await standing(world)).tier is Tier.FREE
    assert kept(world, invoice).ending is Ending.DOWNGRADED


async def test_a_warning_that_was_held_up_is_not_sent_once_it_is_paid(world: World) -> None:
    _, invoice = await unpaid(world)
    await later(world, 22.9 * DAY)
    world.mail.script.fail_next("send", MailUndelivered("down", permanent=False), times=10_000)
    await later(world, 0.3 * DAY)
    world.billing.declined.clear()
    world.billing.try_again(invoice.invoice_id)
    world.mail.script.clear()

    await told(world, "invoice.paid")
    await later(world, 0.1 * DAY)

    assert await ended(world, invoice) is Ending.PAID
    await letters(world, IMMEDIATE)


async def test_a_month_billed_meanwhile_has_no_grace_of_its_own_and_is_not_owed_in_the_end(
    world: World,
) -> None:
    subscription_id, invoice = await unpaid(world)
    await later(world, 29.5 * DAY)
    following = world.billing.renew(subscription_id)
    await told(world)
    await letters(world, IMMEDIATE, A_WEEK, A_DAY)

    await later(world, DAY)

    assert await ended(world, invoice) is Ending.DOWNGRADED
    assert (await world.billing.invoice(following.invoice_id)).status is InvoiceStatus.VOID
    assert following.invoice_id not in world.records.recoveries
    await letters(world, IMMEDIATE, A_WEEK, A_DAY, DOWNGRADED)


async def test_once_the_first_month_is_paid_the_next_unpaid_one_has_its_own_grace(
    world: World,
) -> None:
    subscription_id, invoice = await unpaid(world)
    await later(world, 28.5 * DAY)
    following = world.billing.renew(subscription_id)
    world.billing.declined.clear()
    world.billing.try_again(invoice.invoice_id)
    await told(world, "invoice.paid")

    assert await ended(world, invoice) is Ending.PAID
    await letters(world, IMMEDIATE, A_WEEK, IMMEDIATE)
    assert (await standing(world)).grace_ends_at == following.since + 30 * DAY


async def test_a_letter_whose_day_an_outage_swallowed_is_left_to_the_next(world: World) -> None:
    await unpaid(world)
    await later(world, 22.5 * DAY)
    world.billing.script.fail_next("invoice", PaymentUnavailable("down"), times=10_000)
    await later(world, 6.9 * DAY)
    world.billing.script.clear()

    await later(world, 0.2 * DAY)

    await letters(world, IMMEDIATE, A_DAY)


async def test_while_stripe_is_silent_nobody_is_downgraded(world: World) -> None:
    _, invoice = await unpaid(world)
    await later(world, 29.5 * DAY)
    world.billing.script.fail_next("invoice", PaymentUnavailable("down"), times=10_000)
    await later(world, 2 * DAY)
    assert (await standing(world)).tier is Tier.PREMIUM
    assert (await check_graces(world)).graces == EntityReport(left=1)

    world.billing.script.clear()
    await later(world, timedelta(hours=2))

    assert await ended(world, invoice) is Ending.DOWNGRADED
