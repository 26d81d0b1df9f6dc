"""Asking the parent once more, in the chat's own dialogue, before a confirm counts."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from mcp_types import (
    CLIENT_CAPABILITIES_META_KEY,
    PROTOCOL_VERSION_META_KEY,
    ElicitResult,
)
from mcp_types.version import LATEST_MODERN_VERSION
from structlog.testing import capture_logs

from tests.mcp_server.confirming import asked_to_confirm, confirm, confirms_of, drafted, status
from tests.mcp_server.dialogues import (
    CLOSED,
    CONFIRM,
    DECLINED,
    NO,
    YES,
    Dialogue,
    OpenDialogue,
    answered,
    question,
)
from tests.mcp_server.failures import codes
from tests.mcp_server.world import World, replica

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
def world(asking: World) -> World:
    return asking.with_new_people()


async def test_a_parent_reads_the_summary_once_more_and_agrees(world: World) -> None:
    consent, dialogue = await drafted(world), Dialogue(YES)
    with capture_logs() as lines:
        result = await confirm(world, consent, dialogue)
    assert status(result) == "pending"
    (form,) = dialogue.shown
    row = await world.records.registration(UUID(consent["registration_id"]))
    assert form.message.startswith(row.summary)
    assert "$20.00" in form.message
    assert form.requested_schema["required"] == ["agreed"]
    (field,) = form.requested_schema["properties"].values()
    assert field["type"] == "boolean"
    assert "default" not in field
    told = [line["outcome"] for line in lines if line["event"] == "tool_call"]
    assert told == ["asked", "ok"]
    assert "Kim" not in str(lines)


@pytest.mark.parametrize(
    ("answer", "code"),
    [(DECLINED, "not_agreed"), (NO, "not_agreed"), (CLOSED, "not_answered")],
    ids=["declined", "no", "closed"],
)
async def test_who_does_not_agree_is_not_registered_and_may_still_be_later(
    world: World, answer: ElicitResult, code: str
) -> None:
    consent = await drafted(world)
    before = world.records.everything()
    assert codes(await confirm(world, consent, Dialogue(answer))) == [code]
    assert world.records.everything() == before
    assert asked_to_confirm(world, consent) == 0
    assert status(await confirm(world, consent, Dialogue(YES))) == "pending"


@pytest.mark.parametrize(
    "content", [None, {}, {"agreed": "yes"}, {"agreed": 1}, {"agreed": None}, {"agrees": True}]
)
async def test_what_is_neither_yes_nor_no_is_no_yes(
    world: World, content: dict[str, Any] | None
) -> None:
    consent = await drafted(world)
    before = world.records.everything()
    answer = ElicitResult(action="accept", content=content)
    with capture_logs() as lines:
        assert codes(await confirm(world, consent, Dialogue(answer))) == ["invalid_answer"]
    assert "tool_crashed" not in {line["event"] for line in lines}
    assert world.records.everything() == before
    assert asked_to_confirm(world, consent) == 0


async def test_a_dialogue_that_stands_open_holds_nothing_up_and_is_answered_at_last(
    world: World,
) -> None:
    consent, dialogue = await drafted(world), OpenDialogue(YES)
    async with asyncio.timeout(10):
        with capture_logs() as lines:
            hanging = asyncio.create_task(confirm(world, consent, dialogue))
            await dialogue.open.wait()
        # Nobody has answered, and yet the server has nothing left to do.
        (call,) = [line for line in lines if line["event"] == "tool_call"]
        assert call["outcome"] == "asked"
        row = await world.records.registration(UUID(consent["registration_id"]))
        assert row.status.value == "draft"
        # Agents take a call without an answer for lost, and make it anew.
        anew = await confirm(world, consent, Dialogue(YES))
        assert status(anew) == "pending"
        dialogue.came_back.set()
        late = await hanging
    assert late.structured_content == anew.structured_content
    assert await confirms_of(world, consent) == 1


async def test_a_chat_that_shows_no_forms_confirms_as_ever(world: World) -> None:
    consent = await drafted(world)
    async with world.chat("ann") as chat:
        assert status(await chat.call_tool(CONFIRM, consent)) == "pending"


async def test_a_chat_of_the_older_protocol_is_not_asked_as_nothing_would_bring_the_answer(
    world: World,
) -> None:
    consent, dialogue = await drafted(world), Dialogue(NO)
    async with world.chat("ann", "legacy", asked=dialogue) as chat:
        assert status(await chat.call_tool(CONFIRM, consent)) == "pending"
    assert dialogue.shown == []


@pytest.mark.parametrize(
    ("elicitation", "asked"),
    [({}, True), ({"form": {}}, True), ({"form": {}, "url": {}}, True), ({"url": {}}, False)],
    ids=str,
)
async def test_only_who_says_of_this_very_call_that_it_shows_forms_is_asked(
    world: World, elicitation: dict[str, Any], asked: bool
) -> None:
    meta = {
        PROTOCOL_VERSION_META_KEY: LATEST_MODERN_VERSION,
        CLIENT_CAPABILITIES_META_KEY: {"elicitation": elicitation},
    }
    params = {"name": CONFIRM, "arguments": await drafted(world), "_meta": meta}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    headers = {
        "MCP-Protocol-Version": LATEST_MODERN_VERSION,
        "Mcp-Method": "tools/call",
        "Mcp-Name": CONFIRM,
    }
    answer = await world.post(world.issuer.token(f"ann{world.people}"), body, **headers)
    result = answer.json()["result"]
    assert result["resultType"] == ("input_required" if asked else "complete")
    assert not result.get("isError")


async def test_who_may_not_confirm_is_told_every_reason_and_asked_nothing(world: World) -> None:
    consent, dialogue = await drafted(world), Dialogue(YES)
    wrong = consent | {"summary_digest": "0" * 64, "accepted_fee_cents": 0}
    refused = codes(await confirm(world, wrong, dialogue))
    assert refused == ["digest_mismatch", "fee_mismatch"]
    assert dialogue.shown == []


async def test_what_is_confirmed_already_is_not_asked_about_again(world: World) -> None:
    consent, dialogue = await drafted(world), Dialogue(YES)
    first = await confirm(world, consent, dialogue)
    dialogue.answer = NO
    again = await confirm(world, consent, dialogue)
    assert again.structured_content == first.structured_content
    assert len(dialogue.shown) == 1


async def test_one_answer_given_many_times_at_once_confirms_once(world: World) -> None:
    consent = await drafted(world)
    async with world.chat("ann", asked=Dialogue(YES)) as chat:
        asked = await question(chat, consent)
        told = await asyncio.gather(*(answered(chat, consent, asked) for _ in range(5)))
    assert {status(one) for one in told} == {"pending"}
    assert await confirms_of(world, consent) == 1


async def test_where_no_keys_are_given_nobody_is_asked(world: World) -> None:
    consent, dialogue = await drafted(world), Dialogue(NO)
    async with replica(world, None) as off:
        assert status(await confirm(off, consent, dialogue)) == "pending"
    assert dialogue.shown == []
