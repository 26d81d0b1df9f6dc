"""Subscriptions over HTTP: what is answered, and what is refused."""

from datetime import UTC, datetime, timedelta
from typing import cast

import pytest
from temporalio.client import Client

from activities.clock import SystemClock
from domain.refusals import Refused
from front_door.stripe_notices import StripeNotices
from front_door.subscriptions import Subscriptions
from tests.mcp_server.subscribing import (
    asked,
    looked_at,
    parent,
    refused,
    see,
    subscribed,
)
from tests.mcp_server.world import CARD, World

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
def world(served: World) -> World:
    return served.with_new_people()


async def test_it_is_pending_from_the_page_on_until_stripe_has_told(world: World) -> None:
    user_id = await parent(world)
    assert await asked(world, "GET") == {
        "status": "none",
        "tier": "free",
        "cancel_at_period_end": False,
        "current_period_end": None,
        "grace_ends_at": None,
    }

    page = await asked(world, "POST", "/checkout")

    assert page["status"] == "pending"
    assert await asked(world, "POST", "/checkout") == page
    assert (await asked(world, "GET"))["status"] == "pending"
    session_id = (await world.records.subscription(user_id)).unsettled_page
    assert session_id is not None
    assert page["url"].endswith(session_id)
    subscription_id = world.billing.complete_checkout(session_id, CARD)
    assert (await asked(world, "GET"))["status"] == "pending"
    await see(world, user_id, subscription_id)
    now = await asked(world, "GET")
    assert (now["status"], now["tier"]) == ("active", "premium")
    assert now["current_period_end"] is not None


async def test_who_is_subscribed_subscribes_no_second_time(world: World) -> None:
    await subscribed(world)
    assert await refused(world, "POST", "/checkout") == ["already_subscribed"]


async def test_nor_does_who_has_paid_and_of_whom_stripe_has_not_told_yet(world: World) -> None:
    user_id = await parent(world)
    await asked(world, "POST", "/checkout")
    session_id = (await world.records.subscription(user_id)).unsettled_page
    assert session_id is not None
    world.billing.complete_checkout(session_id, CARD)

    assert await refused(world, "POST", "/checkout") == ["already_subscribed"]

    assert looked_at(world)[-1] == user_id


async def test_nor_who_was_subscribed_by_somebody_else_at_stripe(world: World) -> None:
    user_id = await parent(world)
    customer_id = await world.payments.create_customer(user_id)
    await world.records.save_customer(user_id, customer_id)
    world.billing.subscribe(customer_id, "pm_1")

    assert await refused(world, "POST", "/checkout") == ["already_subscribed"]

    assert looked_at(world)[-1] == user_id


async def test_a_page_whose_time_is_over_is_followed_by_another(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await parent(world)
    page = await asked(world, "POST", "/checkout")
    later = datetime.now(UTC) + timedelta(days=2)
    monkeypatch.setattr(world.billing, "_now", lambda: later)

    following = await asked(world, "POST", "/checkout")

    assert following["url"] != page["url"]


async def test_whom_nobody_can_write_to_cannot_subscribe(world: World) -> None:
    assert await refused(world, "POST", "/checkout") == ["profile_incomplete"]


async def test_it_ends_with_its_period_and_goes_on_after_all(world: World) -> None:
    await subscribed(world)
    for path, ends in (("/cancel", True), ("/cancel", True), ("/reactivate", False)):
        answer = await asked(world, "POST", path)
        # Nobody looked meanwhile: it is Stripe's own answer that is told.
        assert (answer["status"], answer["cancel_at_period_end"]) == ("active", ends)
        assert answer["tier"] == "premium"


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/cancel"), ("POST", "/reactivate"), ("PUT", "/payment-method")]
)
async def test_what_is_not_there_cannot_be_changed(world: World, method: str, path: str) -> None:
    assert await refused(world, method, path) == ["not_subscribed"]


async def test_what_has_ended_at_stripe_is_not_brought_back(world: World) -> None:
    subscription_id = await subscribed(world)
    await world.billing.end(subscription_id)
    assert await refused(world, "POST", "/reactivate") == ["not_subscribed"]


async def test_another_card_is_saved_on_a_page_of_stripe_s(world: World) -> None:
    await subscribed(world)
    page = await asked(world, "PUT", "/payment-method")
    assert page["url"].startswith("https://pay.invalid/")
    assert (await asked(world, "PUT", "/payment-method"))["url"] == page["url"]


async def test_invoices_come_in_pages_and_are_the_caller_s_own(world: World) -> None:
    assert await asked(world, "GET", "/invoices") == {"invoices": [], "next_after": None}
    subscription_id = await subscribed(world)
    for _ in range(2):
        world.billing.renew(subscription_id)
    await subscribed(world, "bea")

    first = await asked(world, "GET", "/invoices?limit=2")
    rest = await asked(world, "GET", f"/invoices?limit=2&after={first['next_after']}")

    ids = [one["invoice_id"] for one in (*first["invoices"], *rest["invoices"])]
    assert (len(ids), rest["next_after"]) == (3, None)
    assert first["invoices"][0] | {"url": "", "invoice_id": "", "created_at": ""} == {
        "invoice_id": "",
        "number": first["invoices"][0]["number"],
        "status": "paid",
        "amount_due_cents": 1_200,
        "amount_paid_cents": 1_200,
        "currency": "USD",
        "created_at": "",
        "url": "",
        "pdf_url": None,
    }
    theirs = (await asked(world, "GET", "/invoices", "bea"))["invoices"]
    assert len(theirs) == 1
    assert theirs[0]["invoice_id"] not in ids
    after = f"/invoices?after={theirs[0]['invoice_id']}"
    assert await refused(world, "GET", after, status=404) == ["not_found"]


async def test_while_temporal_is_silent_a_cancellation_stands_all_the_same(world: World) -> None:
    await subscribed(world)
    world.temporal.up = False
    try:
        answer = await asked(world, "POST", "/cancel")
    finally:
        world.temporal.up = True
    assert answer["cancel_at_period_end"] is True


async def test_where_no_price_is_set_nothing_is_sold(world: World) -> None:
    user_id = await parent(world)
    door = Subscriptions(
        world.records,
        world.payments,
        StripeNotices(cast("Client", world.temporal)),
        "http://127.0.0.1",
        None,
        SystemClock(),
    )
    with pytest.raises(Refused) as no:
        await door.checkout(user_id)
    assert [reason.code for reason in no.value.reasons] == ["not_offered"]
