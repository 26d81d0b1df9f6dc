"""The rest of test_killed_worker.py: what a killed worker leaves to a time-out, or to a sleep."""

import pytest

from tests.stack.kills import Kills
from tests.stack.once import assert_happened_once, assert_trails_hold
from tests.stack.world import World

pytestmark = [pytest.mark.xdist_group("stack"), pytest.mark.timeout(180)]

SECONDS = 90


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


async def test_asleep_it_outlives_the_worker_the_chat_server_and_the_data_api(
    kills: Kills,
) -> None:
    assert kills.at_the_kill[kills.asleep] == []
    await assert_happened_once(kills.parent, kills.asleep, SECONDS)


def test_the_audit_trails_of_all_of_them_hold(kills: Kills, world: World) -> None:
    assert len(kills.drafts) == 9
    assert_trails_hold(world, *kills.drafts)
