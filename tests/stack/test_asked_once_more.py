"""A parent whose chat can show a form is asked there before the confirm counts."""

from datetime import timedelta

import pytest

from tests.mcp_server.dialogues import CONFIRM, DECLINED, YES, Dialogue
from tests.mcp_server.failures import codes
from tests.stack.parent import new_parent
from tests.stack.world import World

pytestmark = pytest.mark.xdist_group("stack")


async def test_a_no_there_leaves_the_draft_and_a_yes_confirms_it_once(world: World) -> None:
    parent = await new_parent(world, "ivy")
    draft = await parent.draft(timedelta(days=2))
    dialogue = Dialogue(DECLINED)
    async with parent.chat(asked=dialogue) as chat:
        assert codes(await chat.call_tool(CONFIRM, draft.consent)) == ["not_agreed"]
        assert (await parent.look(draft))["status"] == "draft"
        dialogue.answer = YES
        confirmed = await chat.call_tool(CONFIRM, draft.consent)
        assert not confirmed.is_error
        again = await chat.call_tool(CONFIRM, draft.consent)
    assert confirmed.structured_content == again.structured_content
    assert (await parent.look(draft))["status"] == "pending"
    trail = await parent.answer("get_audit_trail", registration_id=str(draft.id))
    assert [event["kind"] for event in trail["events"]].count("confirmed") == 1
    assert len(dialogue.shown) == 2
