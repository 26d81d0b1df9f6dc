"""What is looked at again after a registration has ended, over the real programs."""

import asyncio
from uuid import uuid4

import pytest
from temporalio.service import RPCError

from domain.alerts import Alert
from domain.identifiers import cancellation_workflow_id
from tests.stack.command_line import printed, starter
from tests.stack.haunting import Haunting, tell
from tests.stack.once import assert_charged_once, assert_trails_hold
from tests.stack.parent import SECONDS, Draft
from tests.stack.world import World

pytestmark = pytest.mark.xdist_group("stack")


@pytest.fixture(scope="module")
def haunting(world: World) -> Haunting:
    return asyncio.run(Haunting.played(world))


def _alerts(world: World, draft: Draft) -> dict[str, str]:
    """The registration's open alerts, as the operator lists them."""
    listed = printed(starter(world, "alerts", "list", "--limit", "1000", "--json"))
    found = [Alert.model_validate(one) for one in listed]
    return {one.kind.value: one.sentence for one in found if one.registration_id == draft.id}


async def test_a_late_ghost_is_found_and_cancelled_by_the_sweep_told_and_audited(
    world: World, haunting: Haunting
) -> None:
    draft = haunting.haunted
    recorded, ghost = haunting.live_before
    answer = await haunting.parent.look(draft)

    assert answer["booking_number"] == recorded
    assert [one.booking_number for one in world.bookeo.live_bookings(draft.reference)] == [recorded]
    assert haunting.swept.acted >= 1
    cancelled = [one for one in world.bookeo.bookings(draft.reference) if one.canceled]
    assert [(one.booking_number, one.policy_applied) for one in cancelled] == [(ghost, False)]
    told = _alerts(world, draft)["several_bookings"]
    assert f"{recorded} is kept" in told
    assert ghost in told
    trail = printed(starter(world, "audit", "show", draft.code, "--json"))
    found = [event["detail"] for event in trail if event["kind"] == "surplus_found"]
    assert [(event["standing"], event["cancelled"]) for event in found] == [
        ([ghost], []),
        ([], [ghost]),
    ]
    assert_trails_hold(world, draft)
    assert_charged_once(world, draft)


async def test_a_cancellation_at_the_provider_is_heard_of_and_begins_ours(
    world: World, haunting: Haunting
) -> None:
    client = await world.temporal()
    begun = client.get_workflow_handle(cancellation_workflow_id(haunting.withdrawn.id))
    async with asyncio.timeout(SECONDS):
        while "booking_gone" not in _alerts(world, haunting.withdrawn):  # noqa: ASYNC110 - the other side is another process
            await asyncio.sleep(0.5)
        known = await begun.describe()

    assert known.workflow_type == "cancellation"
    statuses = [one["status"] for one in world.bookeo.deliveries()]
    assert statuses
    assert set(statuses) == {200}


async def test_a_message_is_taken_once_and_none_that_is_forged_or_old(
    world: World, haunting: Haunting
) -> None:
    number, client = haunting.live_before[0], await world.temporal()
    once, forged, old = (uuid4().hex for _ in range(3))

    assert await tell(world, number, once) == 200
    first = await client.get_workflow_handle(f"provider-notice-{once}").describe()
    assert await tell(world, number, once) == 200
    again = await client.get_workflow_handle(f"provider-notice-{once}").describe()
    assert await tell(world, number, forged, key="guessed") == 401
    assert await tell(world, number, old, age_s=400) == 401

    assert again.run_id == first.run_id
    for refused in (forged, old):
        with pytest.raises(RPCError, match="not found"):
            await client.get_workflow_handle(f"provider-notice-{refused}").describe()
