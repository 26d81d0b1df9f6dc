"""`kill -9` of the worker at every step: its successor finishes, once.

Those whose steps a dead worker holds until a time-out, and the one asleep, take longest. They are
looked at in test_worker_killed_long_ago.py, so that other tests run meanwhile.
"""

import pytest

from tests.stack.kills import Kills
from tests.stack.once import assert_happened_once
from tests.stack.world import SEND, World, asked

pytestmark = [pytest.mark.xdist_group("stack"), pytest.mark.timeout(180)]

SECONDS = 60


async def test_killed_after_the_provider_committed_and_before_it_answered_it_finds_its_booking(
    kills: Kills, world: World
) -> None:
    assert "book" in kills.at_the_kill[kills.sent]
    under_way = kills.ledger[kills.sent]
    assert under_way.committed_ms is not None
    assert under_way.finished_ms is None
    await assert_happened_once(kills.parent, kills.sent, SECONDS)
    assert len(asked(world.bookeo.requests(kills.sent.reference), SEND)) == 1


async def test_killed_before_the_provider_committed_it_waits_and_finds_its_booking(
    kills: Kills, world: World
) -> None:
    assert "book" in kills.at_the_kill[kills.sending]
    assert kills.ledger[kills.sending].committed_ms is None
    await assert_happened_once(kills.parent, kills.sending, SECONDS)
    assert len(asked(world.bookeo.requests(kills.sending.reference), SEND)) == 1


async def test_killed_between_charge_and_receipt_it_writes_one_receipt(kills: Kills) -> None:
    assert kills.at_the_kill[kills.paid] == []  # the outcome is written within the workflow task
    assert kills.ledger[kills.paid].status == 200
    await assert_happened_once(kills.parent, kills.paid, SECONDS)
