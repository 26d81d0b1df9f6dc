import asyncio
from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from domain.errors import PaymentUnavailable, RecordRejected
from logs.frames import raised
from tests.mcp_server.failures import codes
from tests.mcp_server.world import PUBLIC_HOST, World

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
def world(served: World) -> World:
    return served.with_new_people()


async def test_health_is_ok_only_while_temporal_and_the_database_answer(world: World) -> None:
    well = await world.get("/healthz")
    assert (well.status_code, well.json()) == (200, {"status": "ok"})
    world.temporal.up = False
    sick = await world.get("/healthz")
    assert sick.status_code == 503
    assert sick.json() == {"status": "unavailable", "unavailable": ["temporal"]}
    world.records.unplugged = True
    worse = await world.get("/healthz")
    assert worse.json()["unavailable"] == ["temporal", "database"]
    world.temporal.up, world.records.unplugged = True, False
    assert (await world.get("/healthz")).status_code == 200


async def test_health_does_not_wait_for_ever(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def hang() -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr("mcp_server.health.ANSWER_WITHIN", timedelta(seconds=0.1))
    monkeypatch.setattr(world.records, "ping", hang)
    async with asyncio.timeout(8):
        answer = await world.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["unavailable"] == ["database"]


async def test_confirming_while_temporal_is_down_asks_for_the_same_call_again(
    world: World,
) -> None:
    draft = await world.answer(
        "ann", "schedule_registration", **world.wish(await world.family("ann"))
    )
    before = world.records.everything()
    result = await world.call(
        "ann",
        "confirm_registration",
        {
            "registration_id": draft["registration_id"],
            "summary_digest": draft["summary_digest"],
            "accepted_fee_cents": draft["success_fee_cents"],
        },
    )
    assert codes(result) == ["temporarily_unavailable"]
    assert "same call again" in str(result.content)
    assert world.records.everything() == before


@pytest.mark.parametrize("tool", ["cancel_registration", "retry_fee", "reschedule_registration"])
async def test_changing_while_temporal_is_down_says_so(world: World, tool: str) -> None:
    draft = await world.pending("ann")
    arguments: dict[str, Any] = {"registration_id": draft["registration_id"]}
    if tool == "reschedule_registration":
        arguments["scheduled_time"] = draft["scheduled_time"]
    assert codes(await world.call("ann", tool, arguments)) == ["temporarily_unavailable"]


async def test_an_unreachable_database_is_no_ones_mistake(world: World) -> None:
    world.records.unplugged = True
    assert codes(await world.call("ann", "get_profile", {})) == ["temporarily_unavailable"]
    world.records.unplugged = False
    assert not (await world.call("ann", "get_profile", {})).is_error


async def test_a_silent_payment_service_is_no_ones_mistake(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def down(*_: object) -> None:
        raise PaymentUnavailable("down")

    monkeypatch.setattr(world.payments, "create_customer", down)
    assert codes(await world.call("ann", "start_card_setup", {})) == ["temporarily_unavailable"]


@pytest.mark.parametrize(
    "error", [RuntimeError("Zebedee Parent, +1 212"), RecordRejected("23514", "Zebedee")]
)
async def test_a_crash_is_told_and_logged_without_what_it_says(
    world: World, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    async def crash(*_: object) -> None:
        raise error

    monkeypatch.setattr(world.records, "profile", crash)
    with capture_logs() as lines:
        result = await world.call("ann", "get_profile", {})
    assert codes(result) == ["internal_error"]
    assert "Zebedee" not in str(result)
    crashed = next(line for line in lines if line["event"] == "tool_crashed")
    where = raised(crashed.pop("exc_info"))
    assert "Zebedee" not in f"{lines} {where}"
    assert crashed["error"] == type(error).__name__
    assert any(" crash" in one for one in where)


async def test_the_pages_for_people_need_no_token(world: World) -> None:
    welcome = await world.get("/")
    assert welcome.json()["mcp"] == f"https://{PUBLIC_HOST}/mcp"
    saved = await world.get("/card-saved?card_setup=done")
    assert saved.headers["Content-Type"].startswith("text/html")
    assert "Your card is saved." in saved.text
    assert "Return to the chat" in saved.text
    for status, words in (("succeeded", "Payment approved."), ("failed", "Payment not approved.")):
        approved = await world.get(
            f"/payment-approved?payment_intent=pi_1&redirect_status={status}"
        )
        assert words in approved.text
        assert "pi_1" not in approved.text


@pytest.mark.parametrize("query", ["?card_setup=cancelled", "", "?card_setup=<b>"])
async def test_a_card_page_left_without_saving_says_so(world: World, query: str) -> None:
    page = (await world.get(f"/card-saved{query}")).text
    assert "Your card is saved." not in page
    assert "<b>" not in page
