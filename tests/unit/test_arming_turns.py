from datetime import UTC, datetime, timedelta
from uuid import UUID

from domain.timing import Timing
from workflows.policies import ARMED_PER_SECOND
from workflows.wake import next_wake, turn

T = datetime(2027, 3, 1, 14, 0, tzinfo=UTC)
LONG_BEFORE = T - timedelta(days=300)
TIMING = Timing()
CROWD = [UUID(int=number) for number in range(1_000)]


def most_in_a_second(instants: list[datetime]) -> int:
    return max(
        sum(one <= other < one + timedelta(seconds=1) for other in instants) for one in instants
    )


def test_those_that_share_an_instant_are_armed_no_faster_than_lanes_can_be() -> None:
    turns = [turn(one, T, TIMING, len(CROWD)) for one in CROWD]

    assert max(turns) <= T - TIMING.lead
    assert most_in_a_second(turns) <= 2 * ARMED_PER_SECOND
    assert max(turns) - min(turns) >= timedelta(seconds=0.9 * len(CROWD) / ARMED_PER_SECOND)


def test_a_few_are_armed_shortly_before_the_opening_and_a_multitude_within_the_longest_spread() -> (
    None
):
    few = [turn(one, T, TIMING, 10) for one in CROWD[:10]]
    multitude = [turn(one, T, TIMING, 1_000_000) for one in CROWD]

    assert min(few) >= T - TIMING.lead - timedelta(seconds=10 / ARMED_PER_SECOND)
    assert min(multitude) >= T - TIMING.lead - TIMING.longest_spread


def test_the_turn_is_stable_and_no_order_of_registration() -> None:
    turns = [turn(one, T, TIMING, len(CROWD)) for one in CROWD]

    assert turns == [turn(one, T, TIMING, len(CROWD)) for one in CROWD]
    assert turns != sorted(turns)


def test_the_last_look_comes_before_any_turn_that_may_follow_it() -> None:
    for one in CROWD[:100]:
        wake = next_wake(one, T, TIMING, T - timedelta(minutes=5))
        assert wake.lead
        assert wake.at + TIMING.preparation <= turn(one, T, TIMING, 1_000_000)


def test_the_look_aheads_come_first_and_only_while_they_lie_ahead() -> None:
    wakes = [
        next_wake(CROWD[0], T, TIMING, now)
        for now in (LONG_BEFORE, T - timedelta(hours=24), T - timedelta(minutes=15))
    ]

    assert [wake.lead for wake in wakes] == [False, False, True]
    assert [T - wake.at for wake in wakes[:2]] == [timedelta(hours=24), timedelta(minutes=15)]
