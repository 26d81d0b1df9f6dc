"""Every way a registration can fail that no other set of stories has, one a code."""

from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

from temporalio.client import WorkflowFailureError

from domain.errors import Rejected, Unauthorised
from domain.money import Money
from domain.refusals import Refused
from tests.replay.endings import Story, booked
from tests.workflows.sweeping import later, lose_run, sweep_runs
from tests.workflows.world import World


async def missed_window(world: World) -> UUID:
    registration_id = await world.scheduled()
    await lose_run(world, registration_id)
    await later(world, timedelta(days=1, hours=2))
    await sweep_runs(world)
    await world.run(registration_id).result()
    return registration_id


async def not_opened(world: World) -> UUID:
    registration_id = await world.scheduled()
    assert world.event.opens_at is not None
    world.event.opens_at += timedelta(hours=3)
    await world.ended(registration_id)
    return registration_id


async def rejected(world: World) -> UUID:
    world.provider.script.fail_next("book", Rejected("refused", "no"))
    return await booked(world)


async def unauthorised(world: World) -> UUID:
    world.provider.script.fail_next("book", Unauthorised("no"))
    return await booked(world)


async def over_cap_at_the_last_look(world: World) -> UUID:
    registration_id = await world.scheduled()
    product = await world.provider.product("prod1")
    asked = {"Cchildren": Money(amount_cents=90_000)}
    world.provider.add_product(product.model_copy(update={"price_per_category": asked}))
    await world.ended(registration_id)
    return registration_id


async def over_cap_in_the_answer(world: World) -> UUID:
    registration_id = await world.scheduled()
    world.event.price = world.event.price.model_copy(update={"amount_cents": 90_000})
    await world.ended(registration_id)
    return registration_id


async def provider_blocked(world: World) -> UUID:
    registration_id = await world.scheduled()
    product = await world.provider.product("prod1")
    world.provider.add_product(product.model_copy(update={"api_bookings_allowed": False}))
    await world.ended(registration_id)
    return registration_id


async def refused_at_its_confirm(world: World) -> UUID:
    """By the run itself: another registration of the child came between."""
    draft, other = await world.draft(), await world.draft()
    confirming = world.records.confirm

    async def meanwhile(*asked: Any) -> Any:
        setattr(world.records, "confirm", confirming)  # noqa: B010 - its own type forbids it
        valid_until = other.scheduled_time + timedelta(days=40)
        await confirming(other.registration_id, 1, valid_until, "meanwhile")
        return await confirming(*asked)

    setattr(world.records, "confirm", meanwhile)  # noqa: B010 - likewise
    with suppress(Refused):
        await world.confirm(draft)
    with suppress(WorkflowFailureError):
        await world.run(draft.registration_id).result()
    return draft.registration_id


REFUSAL_STORIES: dict[str, Story] = {
    story.__name__: story
    for story in (
        missed_window,
        not_opened,
        rejected,
        unauthorised,
        over_cap_at_the_last_look,
        over_cap_in_the_answer,
        provider_blocked,
        refused_at_its_confirm,
    )
}
