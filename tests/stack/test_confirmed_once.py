import pytest

from tests.stack.once import assert_happened_once, assert_trails_hold
from tests.stack.openings import CLIENTS, Confirmed, Openings
from tests.stack.world import World

pytestmark = pytest.mark.xdist_group("stack")


def _assert_one_answer(confirmed: Confirmed) -> None:
    """Every confirm was told the same, but for how far it had come by then."""
    told = {(a["registration_id"], a["code"], a["scheduled_time"]) for a in confirmed.answers}
    assert len(told) == 1
    assert {a["status"] for a in confirmed.answers} <= {"pending", "executing", "completed"}


async def test_a_confirm_sent_twice_books_and_charges_once(openings: Openings) -> None:
    twice = openings.twice
    assert len(twice.answers) == 2
    _assert_one_answer(twice)
    await assert_happened_once(twice.parent, twice.draft)


async def test_a_confirm_from_twenty_clients_at_once_books_and_charges_once(
    openings: Openings,
) -> None:
    twenty = openings.twenty
    assert len(twenty.answers) == CLIENTS
    _assert_one_answer(twenty)
    await assert_happened_once(twenty.parent, twenty.draft)


async def test_a_confirm_repeated_after_the_booking_tells_of_it_and_books_no_other(
    openings: Openings, world: World
) -> None:
    parent, draft = openings.twenty.parent, openings.twenty.draft
    await parent.until(draft, status="completed")
    assert await parent.confirm(draft) == await parent.look(draft)
    await assert_happened_once(parent, draft)
    assert_trails_hold(world, openings.twice.draft, draft)
