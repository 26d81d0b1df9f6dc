"""Looks at an account at Stripe: whatever is told, however often, and in whatever order."""

import asyncio
from typing import Any

from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHandle

from domain.identifiers import account_look_workflow_id
from domain.payment_recovery import Ending, LetterKind
from domain.subscriptions import SubscriptionStatus, Tier
from tests.eventually import eventually
from tests.workflows.subscribing import (
    cancel,
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
from tests.workflows.world import World

IMMEDIATE = LetterKind.PAYMENT_FAILED_IMMEDIATE


async def test_events_that_come_twice_late_and_in_any_order_change_nothing_more(
    world: World,
) -> None:
    _, invoice = await unpaid(world)
    for first in (True, False):
        assert await told(world, event_id="evt_twice") is first
    world.billing.declined.clear()
    world.billing.try_again(invoice.invoice_id)
    await told(world, "invoice.paid")
    assert await ended(world, invoice) is Ending.PAID

    await told(world, "invoice.payment_failed")
    await told(world, "customer.subscription.created")

    await letters(world, IMMEDIATE)
    now = await standing(world)
    assert (now.status, now.tier) == (SubscriptionStatus.ACTIVE, Tier.PREMIUM)
    assert all(event.worked_at for event in world.records.stripe_events.values())


async def test_an_event_of_somebody_else_s_customer_concerns_nobody(world: World) -> None:
    await subscribed(world)
    before = await standing(world)

    await told(world, event_id="evt_other", customer_id="cus_of_another_system")

    assert world.records.stripe_events["evt_other"].user_id is None
    assert await standing(world) == before


async def test_a_change_made_while_the_account_is_looked_at_is_looked_at_too(world: World) -> None:
    await subscribed(world)
    slow = world.billing.script.hold_next("subscriptions", after_commit=True)
    first = asyncio.create_task(cancel(world))
    await eventually(lambda: world.billing.script.pending("subscriptions") == 0)
    second = asyncio.create_task(reactivate(world))
    look = world.client.get_workflow_handle(account_look_workflow_id(world.user))
    async with asyncio.timeout(30):
        while await _times_told(look) < 2:  # noqa: ASYNC110 - told by each of the two
            await asyncio.sleep(0.01)

    slow.set()
    await asyncio.gather(first, second)

    assert (await standing(world)).cancel_at_period_end is False


async def test_a_saved_card_that_is_gone_again_holds_nothing_else_up(world: World) -> None:
    _, invoice = await unpaid(world)
    world.billing.gone.add("pm_2")

    await new_card(world, 2)

    assert (await world.records.subscription(world.user)).card_to_use is None
    assert kept(world, invoice).ended_at is None
    assert world.billing.tries[-1] == (invoice.invoice_id, "pm_1")


async def test_of_two_looks_the_one_that_began_later_is_kept(world: World) -> None:
    subscription_id = await subscribed(world)
    slow = world.billing.script.hold_next("subscriptions", after_commit=True)
    stale = asyncio.create_task(told(world, "customer.subscription.updated"))
    await eventually(lambda: world.billing.script.pending("subscriptions") == 0)
    await world.billing.end(subscription_id)
    await told(world, "customer.subscription.deleted")

    slow.set()
    await stale

    assert (await standing(world)).status is SubscriptionStatus.CANCELLED


async def test_two_lookers_at_once_write_one_letter(world: World) -> None:
    _, invoice = await unpaid(world)

    await asyncio.gather(*(told(world) for _ in range(3)))

    await letters(world, IMMEDIATE)
    assert len(world.records.letters) == 1
    assert kept(world, invoice).ended_at is None


async def _times_told(run: WorkflowHandle[Any, Any]) -> int:
    signalled = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED
    return sum([event.event_type == signalled async for event in run.fetch_history_events()])
