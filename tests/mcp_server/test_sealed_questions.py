"""An answer counts for its own question, in time, at any server that has the key."""

import time
from types import SimpleNamespace

import pytest
from mcp_types import CallToolResult, InputRequiredResult
from pydantic import SecretStr
from structlog.testing import capture_logs

from mcp_server.asking import ANSWER_WITHIN
from tests.mandates import seed
from tests.mcp_server.confirming import asked_to_confirm, drafted, status
from tests.mcp_server.conftest import QUESTION_KEY
from tests.mcp_server.dialogues import CONFIRM, YES, Dialogue, answered, question
from tests.mcp_server.failures import codes
from tests.mcp_server.world import World, replica

pytestmark = pytest.mark.asyncio(loop_scope="module")

NEW, OTHER = seed(22), seed(23)


@pytest.fixture
def world(asking: World) -> World:
    return asking.with_new_people()


async def test_an_answer_that_comes_too_late_changes_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    consent = await drafted(world)
    before = world.records.everything()
    async with world.chat("ann", asked=Dialogue(YES)) as chat:
        asked = await question(chat, consent)
        late = SimpleNamespace(time=lambda: time.time() + ANSWER_WITHIN.total_seconds() + 1)
        with capture_logs() as lines, monkeypatch.context() as later:
            later.setattr("mcp.server.request_state.time", late)
            result = await answered(chat, consent, asked)
        assert isinstance(result, CallToolResult)
        assert codes(result) == ["question_over"]
        assert world.records.everything() == before
        (line,) = [line for line in lines if line["event"] == "tool_call"]
        assert (line["tool"], line["outcome"]) == (CONFIRM, "question_over")
        assert status(await chat.call_tool(CONFIRM, consent)) == "pending"


async def test_an_answer_counts_for_its_own_question_alone(world: World) -> None:
    anns, another, beas = await drafted(world), await drafted(world), await drafted(world, "bea")
    async with (
        world.chat("ann", asked=Dialogue(YES)) as ann,
        world.chat("bea", asked=Dialogue(YES)) as bea,
    ):
        asked = await question(ann, anns)
        before = world.records.everything()
        state = asked.request_state or ""
        altered = state[:-1] + ("A" if state[-1] != "A" else "B")
        refused = [
            await answered(ann, another, asked),
            await answered(bea, beas, asked),
            await answered(bea, anns, asked),
            await answered(ann, anns, asked, state=altered),
            await answered(ann, anns, asked, state="v1.AAAA"),
            await answered(ann, anns, asked, state="{}"),
            await ann.session.call_tool(
                "list_children", {}, request_state=state, allow_input_required=True
            ),
        ]
        for one in refused:
            assert isinstance(one, CallToolResult)
            assert codes(one) == ["question_over"]
        # An answer to what nobody asked is none.
        unasked = await ann.session.call_tool(
            CONFIRM,
            anns,
            input_responses=dict.fromkeys(asked.input_requests or {}, YES),
            allow_input_required=True,
        )
        assert isinstance(unasked, InputRequiredResult)
        assert world.records.everything() == before
    assert sum(asked_to_confirm(world, one) for one in (anns, another, beas)) == 0


@pytest.mark.parametrize(
    "keys", [QUESTION_KEY, f"{NEW},{QUESTION_KEY}"], ids=["same keys", "while they rotate"]
)
async def test_another_replica_with_the_key_takes_the_answer(world: World, keys: str) -> None:
    consent = await drafted(world)
    async with (
        replica(world, SecretStr(keys)) as other,
        world.chat("ann", asked=Dialogue(YES)) as here,
        other.chat("ann", asked=Dialogue(YES)) as there,
    ):
        asked = await question(here, consent)
        assert status(await answered(there, consent, asked)) == "pending"


async def test_a_replica_without_the_key_takes_no_answer(world: World) -> None:
    consent = await drafted(world)
    before = world.records.everything()
    async with (
        replica(world, SecretStr(OTHER)) as other,
        world.chat("ann", asked=Dialogue(YES)) as here,
        other.chat("ann", asked=Dialogue(YES)) as there,
    ):
        refused = await answered(there, consent, await question(here, consent))
    assert isinstance(refused, CallToolResult)
    assert codes(refused) == ["question_over"]
    assert world.records.everything() == before
