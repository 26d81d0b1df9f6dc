"""A confirm that becomes a task: for whom, and what is told of it until its outcome."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

import pytest
from mcp_types import CallToolResult

from domain.errors import RecordsUnavailable
from tests.eventually import eventually
from tests.mcp_server import standings
from tests.mcp_server.confirming import asked_to_confirm, confirms_of, drafted, status
from tests.mcp_server.dialogues import CONFIRM, NO, YES, Dialogue
from tests.mcp_server.failures import codes
from tests.mcp_server.standings import SOLD_OUT
from tests.mcp_server.waiting import TASKS, Members, Waiting, ask, handle, posted
from tests.mcp_server.world import Records, World, replica

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
def world(asking: World) -> World:
    return asking.with_new_people()


async def begun(world: World) -> tuple[Members, str]:
    """A consent of ann's, and the task that its confirm became."""
    consent = await drafted(world)
    async with world.chat("ann", extensions=[Waiting()]) as chat:
        return consent, (await handle(chat, consent)).task_id


async def looked_at(world: World, task_id: str) -> Members:
    async with world.chat("ann", extensions=[Waiting()]) as chat:
        return await ask(chat.session, "tasks/get", task_id)


async def test_a_confirm_becomes_a_task_that_says_when_it_opens(world: World) -> None:
    consent = await drafted(world)
    async with world.chat("ann", extensions=[Waiting()]) as chat:
        task = await handle(chat, consent)
        looked = await ask(chat.session, "tasks/get", task.task_id)
    row = await world.records.registration(UUID(consent["registration_id"]))
    assert (task.task_id, task.status) == (consent["registration_id"], "working")
    assert task.status_message.startswith("Registration opens on ")
    assert "(America/New_York)" in task.status_message
    assert datetime.fromisoformat(task.created_at) == row.confirmed_at
    assert task.ttl_ms is None
    assert timedelta(milliseconds=task.poll_interval_ms) == timedelta(hours=1)
    assert looked["resultType"] == "complete"
    assert {"result", "error", "inputRequests"}.isdisjoint(looked)
    assert looked["createdAt"] == task.created_at
    assert looked["ttlMs"] is None


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_who_declares_nothing_is_answered_as_ever(world: World, mode: str) -> None:
    consent = await drafted(world)
    async with world.chat("ann", mode) as chat:
        assert status(await chat.call_tool(CONFIRM, consent)) == "pending"


async def test_a_chat_of_the_older_protocol_has_no_tasks_whatever_it_declares(
    world: World,
) -> None:
    consent = await drafted(world)
    async with world.chat("ann", "legacy", extensions=[Waiting()]) as chat:
        answer = await chat.call_tool(CONFIRM, consent)
    assert status(answer) == "pending"


@pytest.mark.parametrize(
    ("declared", "modern", "told"),
    [(True, True, "task"), (False, True, "complete"), (True, False, None), (False, False, None)],
    ids=["declared", "not declared", "older and declared", "older"],
)
async def test_it_counts_what_is_declared_with_the_very_call(
    world: World, declared: bool, modern: bool, told: str | None
) -> None:
    token = world.issuer.token(f"ann{world.people}")
    params = {"name": CONFIRM, "arguments": await drafted(world)}
    answer = await posted(world, token, "tools/call", params, declared=declared, modern=modern)
    result = answer.json()["result"]
    assert result.get("resultType") == told
    assert ("taskId" in result) is (told == "task")
    assert ("structuredContent" in result) is (told != "task")


async def test_the_server_declares_them_with_the_newer_protocol_alone(world: World) -> None:
    async with world.chat("ann") as chat:
        assert chat.server_capabilities.extensions == {TASKS: {}}
    async with world.chat("ann", "legacy") as chat:
        assert chat.server_capabilities.extensions is None


async def test_no_other_call_becomes_a_task(world: World) -> None:
    consent, task_id = await begun(world)
    async with world.chat("ann", extensions=[Waiting()]) as chat:
        for tool in ("get_registration", "cancel_registration", "get_audit_trail"):
            answer = await chat.session.call_tool(
                tool, {"registration_id": task_id}, allow_claimed=True
            )
            assert isinstance(answer, CallToolResult), tool
        refused = await chat.call_tool(CONFIRM, consent | {"accepted_fee_cents": 1})
    assert codes(refused) == ["not_a_draft"]


async def test_the_same_confirm_again_is_the_same_task_also_many_at_once(world: World) -> None:
    consent = await drafted(world)
    async with world.chat("ann", extensions=[Waiting()]) as chat:
        first = await handle(chat, consent)
        more = await asyncio.gather(*(handle(chat, consent) for _ in range(5)))
    assert {one.task_id for one in (first, *more)} == {first.task_id}
    assert {one.created_at for one in (first, *more)} == {first.created_at}
    assert await confirms_of(world, consent) == 1


async def test_a_task_is_told_by_another_replica_and_after_a_restart(world: World) -> None:
    _, task_id = await begun(world)
    here = await looked_at(world, task_id)
    async with replica(world, None) as other:
        assert await looked_at(other, task_id) == here
    async with replica(world, None) as restarted:
        assert await looked_at(restarted, task_id) == here


WORKING: dict[str, tuple[Callable[[Records, UUID], Awaitable[None]], str, timedelta]] = {
    "being booked": (standings.claimed, "It is being booked.", timedelta(hours=1)),
    "in review": (standings.reviewed, "Our team checks", timedelta(minutes=5)),
}


@pytest.mark.parametrize("standing", WORKING)
async def test_until_there_is_an_outcome_it_is_working(world: World, standing: str) -> None:
    bring_there, words, pause = WORKING[standing]
    _, task_id = await begun(world)
    before = await looked_at(world, task_id)
    await bring_there(world.records, UUID(task_id))
    task = await looked_at(world, task_id)
    assert task["status"] == "working"
    assert task["statusMessage"].startswith(words)
    assert task["pollIntervalMs"] == pause.total_seconds() * 1_000
    assert task["createdAt"] == before["createdAt"]
    assert _at(task) > _at(before)


def _at(task: Members) -> datetime:
    return datetime.fromisoformat(task["lastUpdatedAt"])


@pytest.mark.parametrize(
    ("bring_there", "words"),
    [
        (standings.booked_and_paid, "Booked: "),
        (standings.booked, "Booked: "),
        (standings.given_back, "It was booked, and the place was given back."),
    ],
    ids=["booked", "booked, card declined", "given back later"],
)
async def test_a_booked_one_is_completed_with_what_the_tools_tell(
    world: World, bring_there: Callable[[Records, UUID], Awaitable[None]], words: str
) -> None:
    consent, task_id = await begun(world)
    await bring_there(world.records, UUID(task_id))
    task = await looked_at(world, task_id)
    assert task["status"] == "completed"
    assert task["statusMessage"].startswith(words)
    assert "pollIntervalMs" not in task
    result = CallToolResult.model_validate(task["result"])
    plain = await world.call("ann", "get_registration", {"registration_id": task_id})
    assert (result.content, result.structured_content, result.is_error) == (
        plain.content,
        plain.structured_content,
        False,
    )
    assert cast("Members", result.structured_content)["receipt_code"].startswith("REG-")
    async with world.chat("ann", extensions=[Waiting()]) as chat:
        again = await chat.session.call_tool(CONFIRM, consent, allow_claimed=True)
    assert isinstance(again, CallToolResult), "it has its outcome, so nobody need wait"


async def test_one_that_was_not_booked_is_completed_with_a_failure_and_its_facts(
    world: World,
) -> None:
    _, task_id = await begun(world)
    await standings.sold_out(world.records, UUID(task_id))
    task = await looked_at(world, task_id)
    assert (task["status"], task["statusMessage"]) == ("completed", SOLD_OUT)
    result = CallToolResult.model_validate(task["result"])
    assert codes(result) == ["sold_out"]
    plain = await world.answer("ann", "get_registration", registration_id=task_id)
    told = cast("Members", result.structured_content)
    assert plain.items() <= told.items()
    assert told.keys() - plain.keys() == {"error"}


async def test_a_cancelled_one_is_cancelled(world: World) -> None:
    _, task_id = await begun(world)
    await standings.cancelled(world.records, UUID(task_id))
    task = await looked_at(world, task_id)
    assert task["status"] == "cancelled"
    assert task["statusMessage"].startswith("Cancelled.")
    assert {"result", "error", "pollIntervalMs"}.isdisjoint(task)


async def test_who_is_asked_once_more_gets_the_task_with_the_answer(world: World) -> None:
    consent = await drafted(world)
    waiting = Waiting()
    async with world.chat("ann", asked=Dialogue(NO), extensions=[waiting]) as chat:
        assert codes(await chat.call_tool(CONFIRM, consent)) == ["not_agreed"]
    dialogue = Dialogue(YES)
    async with (
        asyncio.timeout(10),
        world.chat("ann", asked=dialogue, extensions=[waiting]) as chat,
    ):
        waited_for = asyncio.create_task(chat.call_tool(CONFIRM, consent))
        await eventually(lambda: bool(waiting.seen))
        waited_for.cancel()
    assert waiting.handles[0].task_id == consent["registration_id"]
    assert len(dialogue.shown) == 1


async def test_a_confirm_is_answered_plainly_where_its_task_cannot_be_told(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    consent = await drafted(world)

    async def unreachable(_: UUID) -> Any:
        raise RecordsUnavailable("unplugged")

    monkeypatch.setattr(world.records, "audit_trail", unreachable)
    async with world.chat("ann", extensions=[Waiting()]) as chat:
        answer = await chat.session.call_tool(CONFIRM, consent, allow_claimed=True)
    assert status(answer) == "pending"
    assert asked_to_confirm(world, consent) == 1
