"""From the checkout to the downgrade, with Stripe simulated and every webhook over HTTP."""

from datetime import datetime, timedelta

from domain.payment_recovery import LetterKind
from tests.billing.world import Billed
from tests.eventually import eventually

IMMEDIATE = LetterKind.PAYMENT_FAILED_IMMEDIATE
A_WEEK = LetterKind.PAYMENT_FAILED_7DAY
A_DAY = LetterKind.PAYMENT_FAILED_1DAY
DOWNGRADED = LetterKind.DOWNGRADED


async def test_from_the_checkout_by_three_letters_to_the_downgrade(billed: Billed) -> None:
    assert await billed.standing() == ("none", "free")
    page = await billed.ask("POST", "/checkout")
    assert await billed.standing() == ("pending", "free")
    assert await billed.ask("POST", "/checkout") == page

    await billed.choose(page["url"], "success")
    await billed.quiet()
    assert await billed.standing() == ("active", "premium")
    refused = await billed.ask("POST", "/checkout", status=409)
    assert refused["error"]["reasons"][0]["code"] == "already_subscribed"
    assert len(billed.at_stripe("subscriptions")) == 1

    await billed.empty_the_card()
    await billed.let_the_month_pass()
    assert await billed.standing() == ("past_due", "premium")
    await billed.letters(IMMEDIATE)
    (invoice,) = billed.at_stripe("invoices", status="open")
    grace = datetime.fromisoformat((await billed.ask("GET"))["grace_ends_at"])
    owed_since = invoice["status_transitions"]["finalized_at"]
    assert grace.timestamp() == owed_since + timedelta(days=30).total_seconds()

    await billed.let_days_pass(22.9)
    await billed.letters(IMMEDIATE)
    await billed.let_days_pass(0.1)
    await billed.letters(IMMEDIATE, A_WEEK)
    await billed.let_days_pass(6)
    await billed.letters(IMMEDIATE, A_WEEK, A_DAY)
    assert await billed.standing() == ("past_due", "premium")
    await billed.let_days_pass(1)

    await billed.letters(IMMEDIATE, A_WEEK, A_DAY, DOWNGRADED)
    await billed.quiet()
    assert await billed.standing() == ("cancelled", "free")
    assert billed.inner.records.tiers[billed.user].value == "free"
    (plan,) = billed.at_stripe("subscriptions")
    assert plan["status"] == "canceled"
    assert [one["status"] for one in billed.at_stripe("invoices")] == ["paid", "void"]
    await billed.let_days_pass(40)
    assert len(billed.at_stripe("invoices")) == 2
    assert billed.control.invariants().holds
    await billed.subscribe()
    assert await billed.standing() == ("active", "premium")


async def test_paid_on_day_29_nobody_is_downgraded(billed: Billed) -> None:
    await billed.subscribe()
    await billed.empty_the_card()
    await billed.let_the_month_pass()
    await billed.let_days_pass(29)
    await billed.letters(IMMEDIATE, A_WEEK, A_DAY)
    (invoice,) = billed.at_stripe("invoices", status="open")
    assert invoice["hosted_invoice_url"] in billed.inner.mail.letters[-1].text

    await billed.choose(invoice["hosted_invoice_url"], "mastercard")
    await billed.quiet()

    answer = await billed.ask("GET")
    assert (answer["status"], answer["tier"]) == ("active", "premium")
    assert answer["grace_ends_at"] is None
    await billed.let_days_pass(1.5)
    await billed.letters(IMMEDIATE, A_WEEK, A_DAY)
    assert await billed.standing() == ("active", "premium")


async def test_a_new_card_is_kept_and_pays_what_is_owed_although_the_tab_was_closed(
    billed: Billed,
) -> None:
    await billed.subscribe()
    await billed.empty_the_card()
    await billed.let_the_month_pass()
    await billed.letters(IMMEDIATE)
    page = await billed.ask("PUT", "/payment-method")
    assert await billed.ask("PUT", "/payment-method") == page
    assert page["url"] in billed.inner.mail.letters[0].text

    await billed.choose(page["url"], "mastercard")
    await billed.quiet()

    profile = await billed.inner.records.profile(billed.user)
    assert profile.card is not None
    assert profile.card.brand == "mastercard"
    (plan,) = billed.at_stripe("subscriptions")
    assert plan["default_payment_method"] == profile.card.payment_method_id
    assert await billed.standing() == ("active", "premium")
    await billed.let_the_month_pass()
    await billed.letters(IMMEDIATE)
    assert [one["status"] for one in billed.at_stripe("invoices")] == ["paid"] * 3


async def test_a_cancellation_lasts_to_the_period_s_end_and_can_be_taken_back_until_then(
    billed: Billed,
) -> None:
    await billed.subscribe()
    for _ in range(2):
        cancelled = await billed.ask("POST", "/cancel")
        assert (cancelled["status"], cancelled["cancel_at_period_end"]) == ("active", True)
    for _ in range(2):
        going_on = await billed.ask("POST", "/reactivate")
        assert (going_on["status"], going_on["cancel_at_period_end"]) == ("active", False)
    await billed.let_the_month_pass()
    assert await billed.standing() == ("active", "premium")
    await billed.ask("POST", "/cancel")
    await billed.let_the_month_pass()

    assert await billed.standing() == ("cancelled", "free")
    for change in ("/cancel", "/reactivate"):
        refused = await billed.ask("POST", change, status=409)
        assert refused["error"]["reasons"][0]["code"] == "not_subscribed"
    assert len(billed.at_stripe("invoices")) == 2
    await billed.letters()


async def test_webhooks_doubled_late_and_out_of_order_come_to_the_same(billed: Billed) -> None:
    billed.control.add_fault("webhook_duplicates", remaining=None, copies=2)
    billed.control.add_fault("webhook_delay", remaining=None, jitter_seconds=0.3)
    await billed.subscribe()
    assert await billed.standing() == ("active", "premium")
    await billed.empty_the_card()
    await billed.let_the_month_pass()
    await billed.letters(IMMEDIATE)
    (invoice,) = billed.at_stripe("invoices", status="open")
    await billed.choose(invoice["hosted_invoice_url"], "success")
    await billed.quiet()
    billed.control.clear_faults()

    for event in billed.at_stripe("events", type="invoice.payment_failed"):
        await billed.simulated(f"/_sim/events/{event['id']}/deliver", copies=2)
    await billed.quiet()

    assert await billed.standing() == ("active", "premium")
    await billed.let_days_pass(29)
    await billed.letters(IMMEDIATE)
    events = billed.inner.records.stripe_events
    told = {one["id"] for one in billed.at_stripe("events")}
    assert events.keys() <= told


async def test_a_forged_a_stale_and_a_premature_webhook_are_refused(billed: Billed) -> None:
    await billed.subscribe()
    (event,) = billed.at_stripe("events", type="customer.subscription.created")
    known = dict(billed.inner.records.stripe_events)
    before = len(billed.control.deliveries())

    for forged in ({"forged": True}, {"stamp_offset_seconds": -400}, {"stamp_offset_seconds": 400}):
        await billed.simulated(f"/_sim/events/{event['id']}/deliver", **forged)
    await _answered(billed, before + 3)

    assert {one["status"] for one in billed.control.deliveries()[before:]} == {401}
    assert billed.inner.records.stripe_events == known


async def _answered(billed: Billed, many: int) -> None:
    def so() -> bool:
        sent = billed.control.deliveries()
        return len(sent) == many and all(one["status"] for one in sent)

    await eventually(so)
