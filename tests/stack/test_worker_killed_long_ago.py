"""The rest of test_killed_worker.py: what a killed worker leaves to a time-out, or to a sleep."""

import pytest

from tests.stack.kills import Kills
from tests.stack.once import assert_happened_once, assert_trails_hold
from tests.stack.world import SEND, World, asked

pytestmark = [pytest.mark.xdist_group("stack"), pytest.mark.timeout(180)]

SECONDS = 110


async def test_killed_while_it_looked_ahead_it_books_once(kills: Kills) -> None:
    assert "preflight" in kills.at_the_kill[kills.in_preflight]
    await assert_happened_once(kills.parent, kills.in_preflight, SECONDS)


async def test_killed_between_booking_and_charge_it_charges_once(kills: Kills) -> None:
    assert "charge_success_fee" in kills.at_the_kill[kills.booked]
    assert kills.ledger[kills.booked].committed_ms is None
    await assert_happened_once(kills.parent, kills.booked, SECONDS)


async def test_killed_after_stripe_committed_and_before_it_answered_it_charges_once(
    kills: Kills,
) -> None:
    assert "charge_success_fee" in kills.at_the_kill[kills.charged]
    under_way = kills.ledger[kills.charged]
    assert under_way.committed_ms is not None
    assert under_way.finished_ms is None
    await assert_happened_once(kills.parent, kills.charged, SECONDS)


async def test_killed_while_armed_it_sends_once(kills: Kills, world: World) -> None:
    assert "book" in kills.at_the_kill[kills.armed]
    await assert_happened_once(kills.parent, kills.armed, SECONDS)
    assert len(asked(world.bookeo.requests(kills.armed.reference), SEND)) == 1


async def test_killed_with_a_request_that_is_lost_it_sends_once_more(
    kills: Kills, world: World
) -> None:
    assert "book" in kills.at_the_kill[kills.lost]
    await assert_happened_once(kills.parent, kills.lost, SECONDS)
    lost, second = asked(world.bookeo.requests(kills.lost.reference), SEND)
    assert lost.committed_ms is None
    assert second.committed_ms is not None


async def test_asleep_it_outlives_the_worker_the_chat_server_and_the_data_api(
    kills: Kills,
) -> None:
    assert kills.at_the_kill[kills.asleep] == []
    await assert_happened_once(kills.parent, kills.asleep, SECONDS)


def test_the_audit_trails_of_all_of_them_hold(kills: Kills, world: World) -> None:
    assert len(kills.drafts) == 9
    assert_trails_hold(world, *kills.drafts)
