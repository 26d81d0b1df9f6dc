"""A parent asks in the chat to be deleted, and thinks again."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from domain.erasures import GRACE
from domain.identifiers import erasure_notice_workflow_id
from tests.mcp_server.failures import codes
from tests.mcp_server.world import World

pytestmark = pytest.mark.asyncio(loop_scope="module")

REQUEST, CANCEL = "request_account_deletion", "cancel_account_deletion"


@pytest.fixture
def world(served: World) -> World:
    return served.with_new_people()


async def test_a_wish_is_answered_with_its_day_and_taken_back(world: World) -> None:
    async with world.chat("ann") as ann:
        asked = (await ann.call_tool(REQUEST, {})).structured_content
        again = (await ann.call_tool(REQUEST, {})).structured_content
        kept = (await ann.call_tool(CANCEL, {})).structured_content

    assert asked is not None
    assert kept is not None
    day = datetime.fromisoformat(str(asked["deleted_after"]))
    assert timedelta() <= datetime.now(UTC) + GRACE - day < timedelta(minutes=1)
    assert again == asked
    assert (asked["kept"], kept["kept"]) == (False, True)
    (user,) = [user for user in world.records.erasures if _told_of(world, user)]
    assert world.records.erasures[user].withdrawn_at is not None


def _told_of(world: World, user: UUID) -> bool:
    return erasure_notice_workflow_id(user) in world.temporal.started


async def test_what_nobody_asked_for_is_not_taken_back(world: World) -> None:
    async with world.chat("ann") as ann:
        assert codes(await ann.call_tool(CANCEL, {})) == ["no_deletion_asked"]


async def test_while_the_letter_cannot_be_sent_the_same_call_is_to_be_made_again(
    world: World,
) -> None:
    world.temporal.up = False
    try:
        async with world.chat("bea") as bea:
            silent = await bea.call_tool(REQUEST, {})
    finally:
        world.temporal.up = True
    async with world.chat("bea") as bea:
        asked = await bea.call_tool(REQUEST, {})

    assert codes(silent) == ["temporarily_unavailable"]
    assert not asked.is_error
