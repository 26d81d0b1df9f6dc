"""The nightly job: graces that are over and have lost their run, and what no event told of."""

from datetime import timedelta

from domain.grace_period import GraceReport
from domain.identifiers import payment_recovery_workflow_id
from domain.job_orders import EntityReport
from domain.payment_recovery import Ending, LetterKind
from domain.subscriptions import Tier
from tests.workflows.subscribing import check_graces, ended, letters, standing, unpaid
from tests.workflows.sweeping import later
from tests.workflows.world import World, card

DAY = timedelta(days=1)
IMMEDIATE = LetterKind.PAYMENT_FAILED_IMMEDIATE
DOWNGRADED = LetterKind.DOWNGRADED


async def test_a_grace_that_lost_its_run_ends_in_the_free_plan_and_a_letter(world: World) -> None:
    _, invoice = await unpaid(world)
    await later(world, DAY)
    run = world.client.get_workflow_handle(payment_recovery_workflow_id(invoice.invoice_id))
    await run.terminate()
    assert await check_graces(world) == GraceReport()
    await later(world, 31 * DAY)
    assert (await standing(world)).tier is Tier.PREMIUM

    assert (await check_graces(world)).graces == EntityReport(done=1)

    assert await ended(world, invoice) is Ending.DOWNGRADED
    assert (await standing(world)).tier is Tier.FREE
    assert world.records.tiers[world.user] is Tier.FREE
    await letters(world, IMMEDIATE, DOWNGRADED)
    assert (await check_graces(world)).graces == EntityReport()


async def test_what_no_event_told_of_is_seen_in_the_night(world: World) -> None:
    page = await world.door.subscriptions.checkout(world.user)
    world.billing.complete_checkout(page.session_id, card(1))
    await later(world, 1.5 * DAY)
    assert (await standing(world)).tier is Tier.FREE

    assert (await check_graces(world)).accounts == EntityReport(done=1)

    assert (await standing(world)).tier is Tier.PREMIUM
    assert await check_graces(world) == GraceReport()
