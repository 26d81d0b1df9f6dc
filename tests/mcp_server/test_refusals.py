from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.mcp_server.arguments import CHILD, PARENT, SOME_ID, WISH
from tests.mcp_server.conftest import Shared
from tests.mcp_server.failures import codes
from tests.mcp_server.world import World

pytestmark = pytest.mark.asyncio(loop_scope="module")


def _clock_change(*, forward: bool) -> str:
    """The next wall time that clocks in New York skip, or repeat, and that lies in reach."""
    place = ZoneInfo("America/New_York")
    day = datetime.now(UTC).replace(hour=2, minute=30, second=0, microsecond=0, tzinfo=None)
    for _ in range(366):
        day += timedelta(days=1)
        wall = day if forward else day.replace(hour=1)
        first = wall.replace(tzinfo=place, fold=0).utcoffset()
        second = wall.replace(tzinfo=place, fold=1).utcoffset()
        assert first is not None
        assert second is not None
        if (first < second) if forward else (first > second):
            return wall.isoformat()
    raise AssertionError("clocks in New York change no more")


AHEAD = (datetime.now(UTC) + timedelta(days=3)).replace(microsecond=0)

TIMES: dict[str, tuple[dict[str, Any], str]] = {
    "naive": ({"scheduled_time": f"{AHEAD:%Y-%m-%dT%H:%M:%S}"}, "naive_time"),
    "nonexistent": (
        {"scheduled_time": _clock_change(forward=True), "time_zone": "America/New_York"},
        "nonexistent_time",
    ),
    "ambiguous": (
        {"scheduled_time": _clock_change(forward=False), "time_zone": "America/New_York"},
        "ambiguous_time",
    ),
    "unreadable": ({"scheduled_time": "tomorrow at nine"}, "malformed_time"),
    "no such day": ({"scheduled_time": "2030-02-30T09:00:00Z"}, "malformed_time"),
    "outside the calendar": ({"scheduled_time": "9999-12-31T23:59:59-12:00"}, "malformed_time"),
    "past": ({"scheduled_time": "2020-01-01T09:00:00Z"}, "past_time"),
    "far": ({"scheduled_time": f"{AHEAD + timedelta(days=500):%Y-%m-%dT%H:%MZ}"}, "too_far_ahead"),
    "unknown zone": (
        {"scheduled_time": f"{AHEAD:%Y-%m-%dT%H:%M:%S}", "time_zone": "Mars/Olympus"},
        "unknown_time_zone",
    ),
    "a path for a zone": (
        {"scheduled_time": f"{AHEAD:%Y-%m-%dT%H:%M:%S}", "time_zone": "../../etc/passwd"},
        "unknown_time_zone",
    ),
}


@pytest.mark.parametrize("kind", TIMES)
async def test_a_time_that_means_no_single_future_instant_is_refused(
    unchanged: World, shared: Shared, kind: str
) -> None:
    changes, code = TIMES[kind]
    scheduled = await unchanged.call(
        "ann", "schedule_registration", unchanged.wish(shared.child, **changes)
    )
    assert codes(scheduled) == [code]
    moved = await unchanged.call(
        "ann",
        "reschedule_registration",
        {"registration_id": shared.draft["registration_id"], **changes},
    )
    assert codes(moved) == [code]


async def test_every_reason_against_a_draft_comes_at_once(unchanged: World, shared: Shared) -> None:
    child = shared.child
    wish = unchanged.wish(
        child,
        child_ids=[str(child), str(child), SOME_ID],
        max_total_cents=0,
        scheduled_time="2020-01-01T09:00:00Z",
    )
    found = codes(await unchanged.call("ann", "schedule_registration", wish))
    assert set(found) == {"past_time", "repeated_child", "unknown_child", "over_cap"}


async def test_what_is_not_the_draft_that_was_shown_is_not_confirmed(
    unchanged: World, shared: Shared
) -> None:
    wrong = {
        "registration_id": shared.unconfirmed["registration_id"],
        "summary_digest": "0" * 64,
        "accepted_fee_cents": 0,
    }
    refused = codes(await unchanged.call("bea", "confirm_registration", wrong))
    assert refused == ["digest_mismatch", "fee_mismatch"]


IMPLAUSIBLE = {
    "update_profile": [
        (PARENT | {"birth_date": "2015-05-04"}, "guardian_minor"),
        (PARENT | {"birth_date": "2999-01-01"}, "implausible_birth_date"),
        (PARENT | {"birth_date": "1066-10-14"}, "implausible_birth_date"),
        (PARENT | {"time_zone": "Mars/Olympus"}, "unknown_time_zone"),
    ],
    "add_child": [(CHILD | {"birth_date": "2999-01-01"}, "implausible_birth_date")],
    "schedule_registration": [(WISH | {"event_id": "none-such"}, "unknown_program")],
}


@pytest.mark.parametrize("tool", IMPLAUSIBLE)
async def test_what_cannot_be_true_is_refused_with_its_own_code(
    unchanged: World, tool: str
) -> None:
    for arguments, code in IMPLAUSIBLE[tool]:
        assert codes(await unchanged.call("ann", tool, arguments)) == [code]


async def test_an_unknown_tool_is_an_answer_and_not_a_crash(unchanged: World) -> None:
    assert codes(await unchanged.call("ann", "drop_tables", {})) == ["unknown_tool"]
