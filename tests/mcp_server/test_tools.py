from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from jsonschema import Draft202012Validator
from structlog.testing import capture_logs

from domain.registrations import Registration
from tests.mcp_server.world import CARD, World

READ_ONLY = {
    "find_programs",
    "get_profile",
    "list_children",
    "get_payment_method",
    "get_registration",
    "list_registrations",
    "list_receipts",
    "get_audit_trail",
}
WRITING = {
    "update_profile",
    "add_child",
    "start_card_setup",
    "schedule_registration",
    "confirm_registration",
    "reschedule_registration",
    "cancel_registration",
    "retry_fee",
    "revoke_mandate",
    "request_account_deletion",
    "cancel_account_deletion",
}


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
def world(served: World) -> World:
    return served.with_new_people()


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_the_nineteen_tools_are_listed_in_both_protocol_eras(world: World, mode: str) -> None:
    async with world.chat("ann", mode) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    assert tools.keys() == READ_ONLY | WRITING
    for name, tool in tools.items():
        assert tool.title
        assert tool.annotations
        assert tool.annotations.title == tool.title
        assert tool.annotations.read_only_hint is (name in READ_ONLY)
        assert tool.annotations.idempotent_hint is not None
        assert tool.annotations.destructive_hint is not None
        assert tool.annotations.open_world_hint is not None
        assert tool.description
        assert not tool.description.startswith(" ")
        assert "user_id" not in str(tool.input_schema)
        assert tool.input_schema["additionalProperties"] is False
        assert all("description" in it for it in tool.input_schema["properties"].values())
        assert tool.output_schema
        assert tool.output_schema["type"] == "object"


async def test_what_spends_money_or_ends_something_says_so(world: World) -> None:
    async with world.chat("ann") as client:
        tools = {tool.name: tool.annotations for tool in (await client.list_tools()).tools}
    confirm, retry, schedule = (
        tools["confirm_registration"],
        tools["retry_fee"],
        tools["schedule_registration"],
    )
    assert confirm
    assert confirm.destructive_hint
    assert confirm.idempotent_hint
    assert confirm.open_world_hint
    assert retry
    assert not retry.idempotent_hint
    assert schedule
    assert not schedule.destructive_hint


async def test_failures_fit_the_declared_output_too_as_some_clients_check(world: World) -> None:
    async with world.chat("ann") as client:
        for tool in (await client.list_tools()).tools:
            result = await client.call_tool(tool.name, {"xyzzy": 1})
            assert result.is_error
            schema = tool.output_schema or {}
            Draft202012Validator.check_schema(schema)
            assert Draft202012Validator(schema).is_valid(result.structured_content)  # pyright: ignore[reportUnknownMemberType]  # half typed


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_a_parent_gets_from_nothing_to_a_draft(world: World, mode: str) -> None:
    async with world.chat("ann", mode) as client:

        async def ask(tool: str, **arguments: object) -> dict[str, Any]:
            result = await client.call_tool(tool, arguments)
            assert not result.is_error, result.content
            return cast("dict[str, Any]", result.structured_content)

        assert (await ask("get_profile"))["complete"] is False
        saved = await ask(
            "update_profile",
            first_name="Ann",
            last_name="Ott",
            email="ann@example.com",
            phone="+1 212 555 0100",
            birth_date="1985-04-01",
            time_zone="Europe/London",
        )
        assert saved["complete"] is True
        assert (saved["locale"], saved["time_zone"]) == ("en_US", "Europe/London")
        child = await ask("add_child", first_name="Bo", last_name="Ott", birth_date="2016-05-04")
        again = await ask("add_child", first_name="Bo", last_name="Ott", birth_date="2016-05-04")
        assert again == child
        assert (await ask("list_children"))["children"] == [child]
        setup = await ask("start_card_setup")
        assert setup["url"].startswith("https://")
        assert (await ask("get_payment_method"))["setup_pending"] is True
        world.payments.complete_setup(setup["url"].rpartition("/")[2], CARD)
        assert (await ask("get_payment_method"))["card"]["last4"] == "4242"
        assert (await ask("get_profile"))["has_card"] is True

        (program,) = (await ask("find_programs", text="swim"))["programs"]
        draft = await ask(
            "schedule_registration",
            **{name: program[name] for name in ("org_ref", "program_ref", "event_id")},
            child_ids=[child["child_id"]],
            max_total_cents=14_000,
        )
        assert "Register Bo for Swimming at North Camp" in draft["summary"]
        assert draft["success_fee_cents"] == 2_000
        assert len(draft["summary_digest"]) == 64
        row = await ask("get_registration", registration_id=draft["registration_id"])
        assert row["status"] == "draft"
        assert (await ask("list_registrations"))["registrations"] == [row]
        trail = await ask("get_audit_trail", registration_id=draft["registration_id"])
        assert trail["verdict"] == {
            "holds": True,
            "events": 1,
            "head": await _head(world, draft),
            "problem": None,
        }
        assert (await ask("list_receipts"))["receipts"] == []
        gone = await ask("cancel_registration", registration_id=draft["registration_id"])
        assert gone["status"] == "cancelled"


async def _head(world: World, draft: dict[str, Any]) -> str | None:
    row: Registration = await world.records.registration(UUID(draft["registration_id"]))
    return row.audit_head


async def test_a_wall_time_means_that_hour_in_its_zone(world: World) -> None:
    child = await world.family("ann")
    place = ZoneInfo("America/New_York")
    opens = (datetime.now(place) + timedelta(days=5)).replace(hour=9, minute=30, second=0)
    wall = f"{opens:%Y-%m-%dT%H:%M:%S}"
    draft = await world.answer(
        "ann",
        "schedule_registration",
        **world.wish(child, scheduled_time=wall, time_zone=place.key),
    )
    assert draft["scheduled_time"] == f"{opens.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    assert draft["opening_source"] == "parent"
    assert "at 9:30:00 AM" in draft["summary"]


async def test_the_permission_is_withdrawn_once_and_stays_so(world: World) -> None:
    draft = await world.pending("ann")
    mandate = await world.answer("ann", "revoke_mandate", registration_id=draft["registration_id"])
    assert mandate["revoked_at"] is not None
    assert "token" not in mandate
    again = await world.answer("ann", "revoke_mandate", registration_id=draft["registration_id"])
    assert again == mandate


async def test_every_call_is_logged_in_one_line_that_names_nobody(world: World) -> None:
    with capture_logs() as lines:
        await world.answer("ann", "find_programs", text="swimming")
        await world.call("ann", "add_child", {"first_name": "Zebedee"})
        await world.call("ann", "Zebedee", {})
    calls = [line for line in lines if line["event"] == "tool_call"]
    assert [(line["tool"], line["outcome"]) for line in calls] == [
        ("find_programs", "ok"),
        ("add_child", "invalid_argument"),
        ("unknown", "unknown_tool"),
    ]
    assert {line["user_id"] for line in calls} == {await world.user_id("ann")}
    assert all(line["duration_ms"] >= 0 for line in calls)
    assert "Zebedee" not in str(lines)
    assert "swimming" not in str(lines)
