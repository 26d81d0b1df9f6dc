import asyncio
from typing import Any
from uuid import uuid4

import pytest

from tests.mcp_server.arguments import CONFIRM, MOVE
from tests.mcp_server.failures import codes
from tests.mcp_server.world import World

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
def world(served: World) -> World:
    return served.with_new_people()


def _about(registration_id: str, tool: str) -> dict[str, Any]:
    others = {"confirm_registration": CONFIRM, "reschedule_registration": MOVE}
    return others.get(tool, {}) | {"registration_id": registration_id}


async def test_anothers_registration_looks_exactly_like_none(world: World) -> None:
    draft = await world.pending("ann")
    await world.family("bea")
    before = world.records.everything()
    async with world.chat("bea") as bea:
        tools = [
            tool.name
            for tool in (await bea.list_tools()).tools
            if "registration_id" in tool.input_schema["properties"]
        ]
        assert len(tools) == 7
        for tool in tools:
            hers = await bea.call_tool(tool, _about(draft["registration_id"], tool))
            none = await bea.call_tool(tool, _about(str(uuid4()), tool))
            assert codes(hers) == ["not_found"]
            assert hers.content == none.content
            assert hers.structured_content == none.structured_content
    assert world.records.everything() == before


async def test_anothers_digest_and_fee_confirm_nothing(world: World) -> None:
    draft = await world.answer(
        "ann", "schedule_registration", **world.wish(await world.family("ann"))
    )
    await world.family("bea")
    before = world.records.everything()
    stolen = {
        "registration_id": draft["registration_id"],
        "summary_digest": draft["summary_digest"],
        "accepted_fee_cents": draft["success_fee_cents"],
    }
    assert codes(await world.call("bea", "confirm_registration", stolen)) == ["not_found"]
    assert world.records.everything() == before


async def test_anothers_child_cannot_be_registered(world: World) -> None:
    hers = await world.family("ann")
    await world.family("bea")
    before = world.records.everything()
    refused = await world.call("bea", "schedule_registration", world.wish(hers))
    assert codes(refused) == ["unknown_child"]
    assert world.records.everything() == before


async def test_lists_hold_only_ones_own(world: World) -> None:
    await world.pending("ann")
    async with world.chat("bea") as bea:

        async def ask(tool: str) -> Any:
            return (await bea.call_tool(tool, {})).structured_content

        assert await ask("list_registrations") == {"registrations": []}
        assert await ask("list_children") == {"children": []}
        assert await ask("list_receipts") == {"receipts": []}
        assert (await ask("get_profile"))["complete"] is False
        assert (await ask("get_payment_method"))["card"] is None


async def test_many_calls_at_once_each_act_for_their_own_bearer(world: World) -> None:
    users = [f"user-{number}" for number in range(8)]

    async def add_and_list(user: str) -> list[str]:
        async with world.chat(user, "auto" if user.endswith(("0", "2")) else "legacy") as client:
            for _ in range(3):
                await client.call_tool(
                    "add_child",
                    {"first_name": user, "last_name": "Ott", "birth_date": "2016-05-04"},
                )
            answer: Any = (await client.call_tool("list_children", {})).structured_content
            return [child["first_name"] for child in answer["children"]]

    async with asyncio.timeout(60):
        assert await asyncio.gather(*map(add_and_list, users)) == [[user] for user in users]
