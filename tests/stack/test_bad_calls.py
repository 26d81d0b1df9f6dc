import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import uuid4

import pytest

from tests.mcp_server.arguments import MALFORMED, WELL_FORMED
from tests.mcp_server.failures import codes
from tests.stack.openings import Openings
from tests.stack.parent import Answer, Draft, Parent, new_parent
from tests.stack.world import World

pytestmark = pytest.mark.xdist_group("stack")

OPTIONAL = {"text", "org_ref", "scheduled_time", "time_zone"}
NEW_YORK = "America/New_York"

BAD_TIMES: dict[str, tuple[str, str | None]] = {
    "past_time": ("2020-01-01T09:00:00Z", None),
    "too_far_ahead": ("2999-01-01T09:00:00Z", None),
    "naive_time": ("2027-01-01T09:00:00", None),
    "nonexistent_time": ("2027-03-14T02:30:00", NEW_YORK),
    "ambiguous_time": ("2027-11-07T01:30:00", NEW_YORK),
    "unknown_time_zone": ("2027-01-01T09:00:00", "Mars/Olympus"),
    "malformed_time": ("tomorrow at nine", NEW_YORK),
}


class Home(NamedTuple):
    """A parent with a draft and a registration that sleeps for days."""

    parent: Parent
    draft: Draft
    asleep: Draft
    wish: Answer
    anothers_child: str


@pytest.fixture(scope="module")
def home(world: World, openings: Openings) -> Home:
    async def settle() -> Home:
        for one in (openings.twice, openings.twenty, openings.declined):
            await one.parent.until(one.draft, status="completed")
        parent = await new_parent(world, "eve")
        return Home(
            parent,
            await parent.draft(timedelta(days=2)),
            await parent.pending(timedelta(days=2)),
            await parent.wish(await world.offer(timedelta(days=2))),
            await openings.twice.parent.child(),
        )

    return asyncio.run(settle())


@pytest.mark.parametrize("tool", WELL_FORMED)
async def test_a_malformed_missing_or_foreign_argument_is_named_and_changes_nothing(
    world: World, home: Home, tool: str
) -> None:
    good = WELL_FORMED[tool]
    bad = [good | {name: value} for name in good for value in MALFORMED[name]
           if not (value is None and name in OPTIONAL)]  # fmt: skip
    before = world.everything()
    async with home.parent.chat() as client:
        for arguments in (*bad, good | {"user_id": str(uuid4())}):
            refused = codes(await client.call_tool(tool, arguments))
            assert refused == ["invalid_argument"], arguments
        if good and tool != "find_programs":
            assert set(codes(await client.call_tool(tool, {}))) == {"invalid_argument"}
    assert world.everything() == before


@pytest.mark.parametrize("code", BAD_TIMES)
async def test_a_bad_time_is_refused_when_scheduled_and_when_moved(
    world: World, home: Home, code: str
) -> None:
    text, zone = BAD_TIMES[code]
    time: Answer = {"scheduled_time": text} | ({"time_zone": zone} if zone else {})
    before = world.everything()
    assert await home.parent.refusal("schedule_registration", **(home.wish | time)) == [code]
    moved = {"registration_id": str(home.asleep.id), **time}
    assert await home.parent.refusal("reschedule_registration", **moved) == [code]
    assert world.everything() == before


async def test_a_wish_that_cannot_be_is_refused_with_its_reason(world: World, home: Home) -> None:
    (mine,) = home.wish["child_ids"]
    refusals: list[tuple[Answer, str]] = [
        ({"child_ids": []}, "invalid_argument"),
        ({"child_ids": [home.anothers_child]}, "unknown_child"),
        ({"child_ids": [mine, home.anothers_child], "max_total_cents": 40_000}, "unknown_child"),
        ({"child_ids": [mine, mine]}, "repeated_child"),
        ({"event_id": "no-such-event"}, "unknown_program"),
        ({"org_ref": "no-such-club"}, "unknown_program"),
        ({"max_total_cents": 100}, "over_cap"),
    ]
    before = world.everything()
    for change, code in refusals:
        assert await home.parent.refusal("schedule_registration", **(home.wish | change)) == [code]
    assert world.everything() == before


async def test_an_unknown_id_is_not_found_by_any_tool(world: World, home: Home) -> None:
    before = world.everything()
    for tool, good in WELL_FORMED.items():
        if "registration_id" in good:
            assert await home.parent.refusal(tool, **good) == ["not_found"]
    assert world.everything() == before


async def test_a_confirm_of_other_words_or_another_fee_starts_nothing(
    world: World, home: Home
) -> None:
    draft, before = home.draft, world.everything()
    other_words: Any = draft.consent | {"summary_digest": "0" * 64}
    other_fee: Any = draft.consent | {"accepted_fee_cents": draft.fee_cents + 1}
    assert await home.parent.refusal("confirm_registration", **other_words) == ["digest_mismatch"]
    assert await home.parent.refusal("confirm_registration", **other_fee) == ["fee_mismatch"]
    both = other_words | other_fee | {"summary_digest": "0" * 64}
    assert set(await home.parent.refusal("confirm_registration", **both)) == {
        "digest_mismatch",
        "fee_mismatch",
    }
    assert await world.runs(draft.id) == 0
    assert world.everything() == before


async def test_what_does_not_fit_the_state_is_refused(
    world: World, home: Home, openings: Openings
) -> None:
    booked = openings.twice
    before = world.everything()
    on_draft, on_asleep = ({"registration_id": str(one.id)} for one in (home.draft, home.asleep))
    on_booked = {"registration_id": str(booked.draft.id)}
    later = {"scheduled_time": (datetime.now(UTC) + timedelta(days=2)).isoformat()}
    eve, ann = home.parent, booked.parent
    assert await eve.refusal("reschedule_registration", **on_draft, **later) == ["still_a_draft"]
    assert await eve.refusal("retry_fee", **on_draft) == ["still_a_draft"]
    assert await eve.refusal("revoke_mandate", **on_draft) == ["no_mandate"]
    assert await eve.refusal("retry_fee", **on_asleep) == ["no_fee_due"]
    assert await ann.refusal("reschedule_registration", **on_booked, **later) == [
        "already_completed"
    ]
    assert await ann.refusal("retry_fee", **on_booked) == ["already_completed"]
    assert await ann.refusal("revoke_mandate", **on_booked) == ["too_late"]
    assert world.everything() == before
