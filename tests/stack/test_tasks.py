"""One registration by two chats: one waits for its task, the other looks by itself."""

import asyncio

import pytest

from tests.mcp_server.dialogues import CONFIRM
from tests.mcp_server.waiting import Waiting, ask
from tests.stack.once import assert_happened_once
from tests.stack.openings import Openings
from tests.stack.parent import SECONDS

pytestmark = pytest.mark.xdist_group("stack")


async def test_with_tasks_and_without_both_chats_learn_of_the_same_receipt(
    openings: Openings,
) -> None:
    parent, draft = openings.waited_for.parent, openings.waited_for.draft
    task, plain = openings.waited_for.answers
    assert (task["task_id"], task["status"]) == (str(draft.id), "working")
    assert task["ttl_ms"] is None
    assert plain["registration_id"] == str(draft.id)

    waiting = Waiting()
    async with asyncio.timeout(SECONDS), parent.chat(extensions=[waiting]) as chat:
        told = await chat.call_tool(CONFIRM, draft.consent)
        ended = await ask(chat.session, "tasks/get", task["task_id"])
    assert {one.task_id for one in waiting.handles} <= {task["task_id"]}
    looked = await parent.look(draft)
    assert (looked["status"], looked["fee_status"]) == ("completed", "paid")
    assert told.structured_content == looked
    assert (ended["status"], ended["createdAt"]) == ("completed", task["created_at"])
    assert ended["result"]["structuredContent"] == looked
    assert ended["statusMessage"] == (
        f"Booked: {looked['booking_number']}, receipt {looked['receipt_code']}."
    )
    await assert_happened_once(parent, draft)
