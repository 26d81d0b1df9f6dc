import asyncio
from datetime import timedelta

import pytest

from tests.stack.command_line import said, starters
from tests.stack.openings import Openings
from tests.stack.parent import Draft, new_parent
from tests.stack.world import World

pytestmark = pytest.mark.xdist_group("stack")

ID = "{id}"
"""Stands for a registration that sleeps for days."""
NOBODY = "00000000-0000-4000-8000-000000000000"
DIGEST = ("--digest", "0" * 64)

BAD: list[tuple[tuple[str, ...], int, str]] = [
    (("status", "x" * 10_000), 2, "named by its code"),
    (("status", NOBODY), 1, "(not_found)"),
    (("cancel", NOBODY), 1, "(not_found)"),
    (("confirm", ID, *DIGEST, "--fee-cents", "2000"), 1, "(not_a_draft)"),
    (("confirm", ID, *DIGEST, "--fee-cents", "-1"), 2, "--fee-cents"),
    (("reschedule", ID, "2020-01-01T09:00:00Z"), 1, "(past_time)"),
    (("reschedule", ID, "2027-01-01T09:00:00"), 1, "(naive_time)"),
    (
        ("reschedule", ID, "2027-03-14T02:30", "--zone", "America/New_York"),
        1,
        "(nonexistent_time)",
    ),
    (("reschedule", ID, "2027-11-07T01:30", "--zone", "America/New_York"), 1, "(ambiguous_time)"),
    (("audit", "verify", ID, NOBODY), 1, "(not_found)"),
    (("audit", "verify"), 2, "--all"),
    (("list", "--status", "asleep"), 2, "--status"),
    (("no-such-command",), 2, "no-such-command"),
]


@pytest.fixture(scope="module")
def asleep(world: World, openings: Openings) -> Draft:
    async def settle() -> Draft:
        for one in (openings.twice, openings.twenty, openings.declined):
            await one.parent.until(one.draft, status="completed")
        return await (await new_parent(world, "fay")).pending(timedelta(days=2))

    return asyncio.run(settle())


def test_a_bad_command_ends_in_a_sentence_and_its_code_and_changes_nothing(
    world: World, asleep: Draft
) -> None:
    commands = [[word.format(id=asleep.code) for word in words] for words, _, _ in BAD]
    before = world.everything()
    ends = starters(world, *commands)
    after = world.everything()
    for (words, code, sentence), end in zip(BAD, ends, strict=True):
        told = " ".join(end.stderr.split())
        assert end.returncode == code, (words[:3], said(end)[:500])
        assert sentence in told, (words[:3], told[:500])
        assert "Traceback" not in said(end)
        assert not end.stdout
    assert after == before
