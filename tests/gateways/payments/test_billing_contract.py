"""What every service does that a plan can be subscribed to at, in memory or over the wire."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from domain.errors import PaymentMisconfigured
from domain.invoices import InvoiceStatus
from domain.subscriptions import Billed, Checkout, SubscriptionStatus
from tests.gateways.payments.billing_worlds import (
    BillingWorld,
    FakeBillingWorld,
    order_of,
    stripe_billing_world,
    subscribed,
    unpaid,
)


@pytest.fixture(params=["in_memory", "stripe"])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[BillingWorld]:
    if request.param == "in_memory":
        yield FakeBillingWorld()
        return
    async with stripe_billing_world(request.getfixturevalue("stripe_url")) as real:
        yield real


async def now(world: BillingWorld, billed: Billed) -> Billed:
    seen = await world.billing.subscription(billed.subscription_id)
    assert seen is not None
    return seen


async def test_a_page_asked_for_twice_is_one_page_and_another_one_instead_of_it_is_not(
    world: BillingWorld,
) -> None:
    order = order_of(await world.new_customer())

    page = await world.billing.start_checkout(order)

    assert await world.billing.start_checkout(order) == page
    assert page.url.startswith("http")
    assert page.expires_at > datetime.now(UTC)
    following = order.model_copy(update={"instead_of": page.session_id})
    assert (await world.billing.start_checkout(following)).session_id != page.session_id


async def test_a_page_tells_what_became_of_it(world: BillingWorld) -> None:
    customer_id = await world.new_customer()
    page = await world.billing.start_checkout(order_of(customer_id))
    assert await world.billing.checkout(page.session_id) == Checkout(page=page)
    assert await world.billing.subscriptions(customer_id) == ()

    await world.pay_page(page.session_id)

    done = await world.billing.checkout(page.session_id)
    (billed,) = await world.billing.subscriptions(customer_id)
    assert (done.complete, done.page) == (True, None)
    assert done.card is not None
    assert done.card.payment_method_id == billed.payment_method_id
    assert billed.status is SubscriptionStatus.ACTIVE
    assert billed.renews


async def test_a_page_whose_time_is_over_or_that_nobody_knows_is_over(world: BillingWorld) -> None:
    page = await world.billing.start_checkout(order_of(await world.new_customer()))
    world.day_passes()

    assert await world.billing.checkout(page.session_id) == Checkout()
    assert await world.billing.checkout("cs_test_nobody") == Checkout()


async def test_an_unknown_price_is_a_misconfiguration(world: BillingWorld) -> None:
    order = order_of(await world.new_customer(), price_id="price_nobody")
    with pytest.raises(PaymentMisconfigured):
        await world.billing.start_checkout(order)


async def test_it_ends_with_its_period_or_goes_on_after_all(world: BillingWorld) -> None:
    billed = await subscribed(world)
    end = billed.current_period_end
    assert end is not None
    assert timedelta(days=27) < end - billed.created_at < timedelta(days=32)
    for wanted in (True, True, False, True):
        told = await world.billing.end_with_period(billed.subscription_id, wanted=wanted)
        assert told is not None
        assert (told.live, told.cancel_at_period_end) == (True, wanted)

    world.month_over(billed.subscription_id)

    assert (await now(world, billed)).status is SubscriptionStatus.CANCELLED
    told = await world.billing.end_with_period(billed.subscription_id, wanted=False)
    assert told is not None
    assert not told.live
    assert await world.billing.end_with_period("sub_nobody", wanted=False) is None
    assert await world.billing.subscription("sub_nobody") is None


async def test_ended_at_once_it_is_ended_for_good(world: BillingWorld) -> None:
    billed, invoice_id = await unpaid(world)

    for _ in range(2):
        await world.billing.end(billed.subscription_id)

    assert (await now(world, billed)).status is SubscriptionStatus.CANCELLED
    await world.billing.use_card(billed.subscription_id, billed.payment_method_id or "")
    assert (await world.billing.invoice(invoice_id)).status is InvoiceStatus.OPEN


async def test_a_month_that_cannot_be_paid_is_owed(world: BillingWorld) -> None:
    billed, invoice_id = await unpaid(world)

    invoice = await world.billing.invoice(invoice_id)

    assert (await now(world, billed)).status is SubscriptionStatus.PAST_DUE
    assert invoice.failed
    assert invoice.subscription_id == billed.subscription_id
    assert invoice.amount_due.amount_cents == 1_200
    assert invoice.amount_paid.amount_cents == 0
    assert invoice.url is not None
    assert invoice.since >= billed.created_at + timedelta(days=27)


async def test_another_card_pays_what_is_owed_and_the_months_to_come(world: BillingWorld) -> None:
    billed, invoice_id = await unpaid(world)
    customer_id = world.customer_of(billed)
    card = await world.new_card(customer_id)

    assert await world.billing.use_card(billed.subscription_id, card)
    for _ in range(2):
        paid = await world.billing.pay(invoice_id, card)
        assert paid.status is InvoiceStatus.PAID

    assert await world.billing.owed(billed.subscription_id) == ()
    seen = await now(world, billed)
    assert (seen.status, seen.payment_method_id) == (SubscriptionStatus.ACTIVE, card)
    assert world.tries(invoice_id) == 2
    world.month_over(billed.subscription_id)
    assert (await now(world, billed)).status is SubscriptionStatus.ACTIVE


async def test_a_card_that_is_gone_charges_nothing(world: BillingWorld) -> None:
    billed = await subscribed(world)
    card = await world.new_card(world.customer_of(billed))
    await world.lose_card(card)

    assert not await world.billing.use_card(billed.subscription_id, card)

    assert (await now(world, billed)).payment_method_id == billed.payment_method_id


async def test_a_card_that_is_declined_leaves_it_owed_and_is_not_tried_again_at_once(
    world: BillingWorld,
) -> None:
    billed, invoice_id = await unpaid(world)
    card = await world.new_card(world.customer_of(billed), pays=False)

    for _ in range(3):
        assert (await world.billing.pay(invoice_id, card)).failed

    assert world.tries(invoice_id) == 2


async def test_what_is_given_up_is_never_paid(world: BillingWorld) -> None:
    billed, invoice_id = await unpaid(world)

    for _ in range(2):
        assert (await world.billing.give_up(invoice_id)).status is InvoiceStatus.VOID

    card = await world.new_card(world.customer_of(billed))
    assert (await world.billing.pay(invoice_id, card)).status is InvoiceStatus.VOID


async def test_what_was_paid_first_is_not_given_up(world: BillingWorld) -> None:
    billed, invoice_id = await unpaid(world)
    card = await world.new_card(world.customer_of(billed))
    await world.billing.pay(invoice_id, card)

    assert (await world.billing.give_up(invoice_id)).status is InvoiceStatus.PAID


async def test_an_invoice_that_nobody_knows_is_a_misconfiguration(world: BillingWorld) -> None:
    with pytest.raises(PaymentMisconfigured):
        await world.billing.invoice(f"in_{uuid4().hex}")


async def test_invoices_come_newest_first_in_pages_and_are_the_customer_s_own(
    world: BillingWorld,
) -> None:
    billed = await subscribed(world)
    await subscribed(world)
    for _ in range(2):
        world.month_over(billed.subscription_id)
    customer_id = world.customer_of(billed)

    first = await world.billing.invoices(customer_id, 2, None)
    assert first is not None
    rest = await world.billing.invoices(customer_id, 2, first.invoices[-1].invoice_id)

    assert rest is not None
    assert (first.more, rest.more) == (True, False)
    every = [*first.invoices, *rest.invoices]
    assert {invoice.subscription_id for invoice in every} == {billed.subscription_id}
    assert [invoice.status for invoice in every] == [InvoiceStatus.PAID] * 3
    made = [invoice.created_at for invoice in every]
    assert made == sorted(made, reverse=True)
    assert await world.billing.invoices(customer_id, 2, "in_nobody") is None
