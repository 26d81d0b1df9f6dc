import json
from typing import Any, NamedTuple

import httpx
import pytest

from tests.mcp_server.arguments import CHILD, MALFORMED, SOME_ID, WELL_FORMED
from tests.mcp_server.failures import codes
from tests.mcp_server.world import World

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Bad(NamedTuple):
    tool: str
    argument: str
    values: list[Any]


BAD = [
    Bad(tool, argument, MALFORMED[argument])
    for tool, arguments in WELL_FORMED.items()
    for argument in arguments
]


@pytest.mark.parametrize("bad", BAD, ids=[f"{bad.tool}-{bad.argument}" for bad in BAD])
async def test_a_malformed_argument_is_named_and_changes_nothing(
    unchanged: World, bad: Bad
) -> None:
    optional = bad.argument in {"text", "org_ref", "scheduled_time", "time_zone", "locale"}
    async with unchanged.chat("ann") as client:
        for value in bad.values:
            arguments = WELL_FORMED[bad.tool] | {bad.argument: value}
            if value is None and optional:
                continue
            result = await client.call_tool(bad.tool, arguments)
            assert codes(result) == ["invalid_argument"], value
            fields = [r["field"] for r in result.structured_content["error"]["reasons"]]  # pyright: ignore[reportOptionalSubscript]  # codes() looked
            assert fields == [bad.argument]


@pytest.mark.parametrize("tool", WELL_FORMED)
async def test_missing_and_foreign_arguments_are_refused_by_every_tool(
    unchanged: World, tool: str
) -> None:
    async with unchanged.chat("ann") as client:
        schema = next(t for t in (await client.list_tools()).tools if t.name == tool).input_schema
        foreign = WELL_FORMED[tool] | {"user_id": SOME_ID, "xyzzy": "xyzzy"}
        assert codes(await client.call_tool(tool, foreign)) == ["invalid_argument"]
        required: list[str] = schema.get("required", [])
        if required:
            nothing = await client.call_tool(tool, {})
            assert codes(nothing) == ["invalid_argument"] * len(required)


async def test_half_of_a_character_is_refused(unchanged: World) -> None:
    token = unchanged.issuer.token("ann")
    body = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": {"name": "add_child", "arguments": CHILD | {"first_name": "\ud800"}},
    }
    async with httpx.AsyncClient(timeout=10) as http:
        answer = await http.post(
            f"{unchanged.base}/mcp",
            content=json.dumps(body),
            headers={
                "Authorization": f"Bearer {token}",
                "Accept": "application/json, text/event-stream",
                "Content-Type": "application/json",
            },
        )
    assert answer.status_code < 500
    assert "error" in answer.text


async def test_a_body_beyond_all_measure_is_not_even_read(unchanged: World) -> None:
    async with httpx.AsyncClient(timeout=10) as http:
        answer = await http.post(
            f"{unchanged.base}/mcp",
            content=b"x" * 1_000_000,
            headers={
                "Authorization": f"Bearer {unchanged.issuer.token('ann')}",
                "Content-Type": "application/json",
            },
        )
    assert answer.status_code == 413
