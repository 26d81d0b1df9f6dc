"""Calling off a task: the same rules as for the tool, and what has ended stays as it is."""

from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import UUID

import pytest
import pytest_asyncio
from mcp import MCPError
from mcp_types import INTERNAL_ERROR, ErrorData

from domain.contracts import ChangeAnswer
from mcp_server.limits.turned_away import SERVER_SAYS_NO
from tests.mcp_server import standings
from tests.mcp_server.cancelling import cancels_taken, too_late
from tests.mcp_server.waiting import Members, Waiting, ask
from tests.mcp_server.world import Records, World, replica
from workflows.change_requests import TOO_LATE

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def world(served: World) -> AsyncIterator[World]:
    with cancels_taken(served):
        yield served.with_new_people()


async def asked(world: World, method: str, task_id: str) -> Members:
    async with world.chat("ann", extensions=[Waiting()]) as chat:
        return await ask(chat.session, method, task_id)


async def refused(world: World, method: str, task_id: str) -> ErrorData:
    async with world.chat("ann", extensions=[Waiting()]) as chat:
        try:
            answer = await ask(chat.session, method, task_id)
        except MCPError as error:
            return error.error
    raise AssertionError(answer)


async def pending(world: World) -> str:
    return (await world.pending("ann"))["registration_id"]


async def test_it_is_called_off_once_however_often_it_is_asked_for_and_anywhere(
    world: World,
) -> None:
    task_id = await pending(world)
    assert (await asked(world, "tasks/cancel", task_id)).keys() == {"resultType", "_meta"}
    after = world.records.everything()
    async with replica(world, None) as other:
        for server in (world, other):
            acknowledged = await asked(server, "tasks/cancel", task_id)
            assert acknowledged["resultType"] == "complete"
            assert (await asked(server, "tasks/get", task_id))["status"] == "cancelled"
    assert world.records.everything() == after


async def test_past_the_point_of_no_return_it_is_refused_and_the_outcome_follows(
    world: World,
) -> None:
    task_id = await pending(world)
    world.temporal.cancels = too_late
    before = world.records.everything()
    told = await refused(world, "tasks/cancel", task_id)
    assert (told.code, told.message) == (SERVER_SAYS_NO, TOO_LATE.sentence)
    assert [reason["code"] for reason in told.data["reasons"]] == ["too_late"]
    assert world.records.everything() == before
    assert (await asked(world, "tasks/get", task_id))["status"] == "working"


@pytest.mark.parametrize(
    "bring_there", [standings.booked, standings.sold_out], ids=["booked", "sold out"]
)
async def test_what_has_ended_is_left_as_it_is(
    world: World, bring_there: Callable[[Records, UUID], Awaitable[None]]
) -> None:
    task_id = await pending(world)
    await bring_there(world.records, UUID(task_id))
    before = world.records.everything()
    assert (await asked(world, "tasks/cancel", task_id))["resultType"] == "complete"
    assert (await asked(world, "tasks/get", task_id))["status"] == "completed"
    assert world.records.everything() == before


async def test_what_is_booked_while_it_is_called_off_stays_booked(world: World) -> None:
    async def book_first(registration_id: UUID) -> ChangeAnswer:
        await standings.booked(world.records, registration_id)
        return await too_late(registration_id)

    task_id = await pending(world)
    world.temporal.cancels = book_first
    assert (await asked(world, "tasks/cancel", task_id))["resultType"] == "complete"
    task = await asked(world, "tasks/get", task_id)
    assert task["result"]["structuredContent"]["status"] == "completed"


async def test_a_run_that_does_not_answer_is_told_so_and_may_be_asked_again(
    world: World,
) -> None:
    task_id = await pending(world)
    takes, world.temporal.cancels = world.temporal.cancels, None
    told = await refused(world, "tasks/cancel", task_id)
    assert told.code == INTERNAL_ERROR
    assert "repeating it does no harm" in told.message
    world.temporal.cancels = takes
    await asked(world, "tasks/cancel", task_id)
    assert (await asked(world, "tasks/get", task_id))["status"] == "cancelled"
