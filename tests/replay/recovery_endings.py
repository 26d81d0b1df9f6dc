"""Every way the recovery of a payment can go, and what else is done about subscriptions."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from domain.errors import PaymentUnavailable
from domain.identifiers import (
    account_look_workflow_id,
    payment_recovery_workflow_id,
    stripe_event_workflow_id,
)
from domain.invoices import Invoice
from tests.workflows.subscribing import (
    cancel,
    check_graces,
    ended,
    new_card,
    subscribed,
    told,
    unpaid,
)
from tests.workflows.sweeping import later
from tests.workflows.world import World

DAY = timedelta(days=1)

Story = Callable[[World], Awaitable[str]]
"""Answers with the id of the workflow whose history it is."""


def _run_of(invoice: Invoice) -> str:
    return payment_recovery_workflow_id(invoice.invoice_id)


async def _paid_after(world: World, by: timedelta) -> str:
    _, invoice = await unpaid(world)
    await later(world, by)
    world.billing.declined.clear()
    world.billing.try_again(invoice.invoice_id)
    await told(world, "invoice.paid")
    await ended(world, invoice)
    return _run_of(invoice)


async def paid_before_any_reminder(world: World) -> str:
    return await _paid_after(world, 5 * DAY)


async def paid_between_the_reminders(world: World) -> str:
    return await _paid_after(world, 25 * DAY)


async def paid_on_day_29(world: World) -> str:
    return await _paid_after(world, 29.5 * DAY)


async def downgraded(world: World) -> str:
    _, invoice = await unpaid(world)
    await later(world, 31 * DAY)
    await ended(world, invoice)
    return _run_of(invoice)


async def paid_by_a_new_card(world: World) -> str:
    _, invoice = await unpaid(world)
    await new_card(world, 2)
    await ended(world, invoice)
    return _run_of(invoice)


async def cancelled(world: World) -> str:
    _, invoice = await unpaid(world)
    await later(world, 3 * DAY)
    await cancel(world)
    await ended(world, invoice)
    return _run_of(invoice)


async def written_off(world: World) -> str:
    _, invoice = await unpaid(world)
    await later(world, timedelta(hours=1))  # it has looked once, and waits
    world.billing.write_off(invoice.invoice_id)
    await told(world, "invoice.voided")
    await ended(world, invoice)
    return _run_of(invoice)


async def paid_in_the_last_moment(world: World) -> str:
    _, invoice = await unpaid(world)
    await later(world, 29.5 * DAY)
    # Silent for the look at the end, and paid before the retry: only voiding finds that out.
    world.billing.script.fail_next("give_up", PaymentUnavailable("down"), times=3)
    await later(world, 0.5 * DAY)
    world.billing.declined.clear()
    world.billing.try_again(invoice.invoice_id)
    await later(world, timedelta(hours=1))
    await ended(world, invoice)
    return _run_of(invoice)


async def settled_before_its_first_look(world: World) -> str:
    subscription_id = await subscribed(world)
    await later(world, 31 * DAY)
    world.billing.declined.add("pm_1")
    invoice = world.billing.renew(subscription_id)
    world.billing.script.fail_next("invoice", PaymentUnavailable("down"))
    await told(world)
    world.billing.declined.clear()
    world.billing.try_again(invoice.invoice_id)
    await later(world, timedelta(hours=1))
    await ended(world, invoice)
    return _run_of(invoice)


async def heard_of_late(world: World) -> str:
    subscription_id = await subscribed(world)
    await later(world, 31 * DAY)
    world.billing.declined.add("pm_1")
    invoice = world.billing.renew(subscription_id)
    await later(world, 27 * DAY)
    await told(world)
    await later(world, 8 * DAY)
    await ended(world, invoice)
    return _run_of(invoice)


async def still_owed(world: World) -> str:
    _, invoice = await unpaid(world)
    await later(world, 24 * DAY)
    return _run_of(invoice)


async def event_worked_off(world: World) -> str:
    await subscribed(world)
    await told(world, "customer.subscription.updated", event_id="evt_recorded")
    return stripe_event_workflow_id("evt_recorded")


async def looked_at_after_a_change(world: World) -> str:
    await subscribed(world)
    await cancel(world)
    return account_look_workflow_id(world.user)


async def graces_checked(world: World) -> str:
    _, invoice = await unpaid(world)
    await later(world, DAY)
    await world.client.get_workflow_handle(_run_of(invoice)).terminate()
    await later(world, 31 * DAY)
    await check_graces(world)
    return "grace-period"


RECOVERY_STORIES: dict[str, Story] = {
    story.__name__: story
    for story in (
        paid_before_any_reminder,
        paid_between_the_reminders,
        paid_on_day_29,
        downgraded,
        paid_by_a_new_card,
        cancelled,
        written_off,
        paid_in_the_last_moment,
        settled_before_its_first_look,
        heard_of_late,
        still_owed,
        event_worked_off,
        looked_at_after_a_change,
        graces_checked,
    )
}
