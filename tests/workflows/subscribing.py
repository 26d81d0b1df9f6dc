"""A subscribed parent, what Stripe tells of them, and days that pass."""

from datetime import timedelta
from uuid import uuid4

from domain.account_looks import StripeNotice, digest_of
from domain.grace_period import GraceCheck, GraceReport
from domain.identifiers import payment_recovery_workflow_id, stripe_event_workflow_id
from domain.invoices import Invoice
from domain.payment_recovery import Ending, LetterKind, Recovery
from domain.subscription_answers import SubscriptionAnswer
from tests.eventually import eventually
from tests.workflows.sweeping import later
from tests.workflows.world import World, card
from workflows.jobs.grace_period import GracePeriodWorkflow
from workflows.queues import MAINTENANCE

SUBJECTS = {
    LetterKind.PAYMENT_FAILED_IMMEDIATE: "Your payment did not go through",
    LetterKind.PAYMENT_FAILED_7DAY: "One week left to pay",
    LetterKind.PAYMENT_FAILED_1DAY: "One day left to pay",
    LetterKind.DOWNGRADED: "Your account is on the free plan",
}


async def customer_of(world: World) -> str:
    customer_id = (await world.records.profile(world.user)).stripe_customer_id
    assert customer_id is not None
    return customer_id


async def told(
    world: World,
    kind: str = "invoice.payment_failed",
    *,
    event_id: str | None = None,
    customer_id: str | None = None,
) -> bool:
    """Stripe tells of the account, and that is worked off; the clock stays where it is.

    Whether the event was taken for the first time.
    """
    event_id = event_id or f"evt_{uuid4().hex}"
    customer_id = customer_id or await customer_of(world)
    notice = StripeNotice(event_id=event_id, kind=kind, customer=digest_of(customer_id))
    first = await world.door.stripe_notices.take(notice)
    with world.env.auto_time_skipping_disabled():
        await world.client.get_workflow_handle(stripe_event_workflow_id(event_id)).result()
    return first


async def subscribed(world: World, number: int = 1) -> str:
    """On the hosted page, with that card; the subscription's id."""
    world.clock.outside = await world.env.get_current_time()
    page = await world.door.subscriptions.checkout(world.user)
    subscription_id = world.billing.complete_checkout(page.session_id, card(number))
    await told(world, "checkout.session.completed")
    return subscription_id


async def unpaid(world: World) -> tuple[str, Invoice]:
    """A month later the card is declined, and Stripe has told so; subscription and invoice."""
    subscription_id = await subscribed(world)
    await later(world, timedelta(days=31))
    world.billing.declined.add(card(1).payment_method_id)
    invoice = world.billing.renew(subscription_id)
    await told(world)
    await letters(world, LetterKind.PAYMENT_FAILED_IMMEDIATE)
    return subscription_id, invoice


async def letters(world: World, *kinds: LetterKind) -> None:
    """Exactly these have gone out, in this order, once what is on its way has come."""
    wanted = [SUBJECTS[kind] for kind in kinds]
    await eventually(lambda: len(world.mail.letters) >= len(wanted))
    assert world.subjects() == wanted


async def ended(world: World, invoice: Invoice) -> Ending:
    """How the recovery ended; it must have, without any more time."""
    recovery = world.client.get_workflow_handle(
        payment_recovery_workflow_id(invoice.invoice_id), result_type=Ending
    )
    with world.env.auto_time_skipping_disabled():
        return await recovery.result()


async def standing(world: World) -> SubscriptionAnswer:
    world.clock.outside = await world.env.get_current_time()
    return await world.door.subscriptions.get(world.user)


def kept(world: World, invoice: Invoice) -> Recovery:
    return world.records.recoveries[invoice.invoice_id]


async def new_card(world: World, number: int) -> None:
    """The parent saves it on the hosted page and closes the tab; Stripe tells."""
    page = await world.door.subscriptions.card_page(world.user)
    world.payments.complete_setup(page.session_id, card(number))
    await told(world, "setup_intent.succeeded")


async def cancel(world: World) -> SubscriptionAnswer:
    # Waited for in earnest, as a look is: else days would pass meanwhile.
    with world.env.auto_time_skipping_disabled():
        return await world.door.subscriptions.cancel(world.user)


async def reactivate(world: World) -> SubscriptionAnswer:
    with world.env.auto_time_skipping_disabled():
        return await world.door.subscriptions.reactivate(world.user)


async def check_graces(world: World) -> GraceReport:
    """One run of the nightly job, now."""
    with world.env.auto_time_skipping_disabled():
        return await world.client.execute_workflow(
            GracePeriodWorkflow.run,
            GraceCheck(),
            id="grace-period",
            task_queue=MAINTENANCE,
        )
