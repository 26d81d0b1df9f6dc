import asyncio
import gc
import heapq
from collections.abc import Callable, Iterator
from itertools import count

import pytest

from activities.quiet_gc import LONGEST, PREFERRED, QuietGarbage


class Cranked:
    """A clock with timers that a test turns by hand."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self._order = count()
        self._timers: list[tuple[float, int, Callable[[], None]]] = []

    def time(self) -> float:
        return self.now

    def call_later(self, seconds: float, call: Callable[[], None]) -> None:
        heapq.heappush(self._timers, (self.now + seconds, next(self._order), call))

    def turn(self, seconds: float) -> None:
        end = self.now + seconds
        while self._timers and self._timers[0][0] <= end:
            due, _, call = heapq.heappop(self._timers)
            self.now = max(self.now, due)
            call()
        self.now = end


@pytest.fixture
def collections() -> Iterator[list[str]]:
    """The collections since; the collector is left as it was."""
    seen: list[str] = []

    def note(phase: str, _info: dict[str, int]) -> None:
        seen.append(phase)

    gc.collect()
    gc.callbacks.append(note)
    yield seen
    gc.callbacks.remove(note)
    gc.unfreeze()
    gc.enable()


@pytest.fixture
def clock() -> Cranked:
    return Cranked()


@pytest.fixture
def garbage(clock: Cranked) -> QuietGarbage:
    return QuietGarbage(clock.time, clock.call_later)


def _make_circles() -> None:
    for _ in range(5_000):
        circle: list[object] = []
        circle.append(circle)


def test_nothing_is_collected_while_it_holds_and_all_is_as_before_afterwards(
    garbage: QuietGarbage, clock: Cranked, collections: list[str]
) -> None:
    garbage.hold(1.5)
    _make_circles()
    clock.turn(1.4)
    assert garbage.quiet
    assert not gc.isenabled()
    assert gc.get_freeze_count() > 0
    assert collections == []
    clock.turn(0.2)
    assert not garbage.quiet
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0


def test_with_time_to_spare_it_collects_once_before_it_holds(
    garbage: QuietGarbage, collections: list[str]
) -> None:
    garbage.hold(4)
    garbage.hold(4)
    assert collections == ["start", "stop"]


def test_the_latest_of_overlapping_holds_ends_it(garbage: QuietGarbage, clock: Cranked) -> None:
    garbage.hold(1.5)
    clock.turn(1)
    garbage.hold(1.5)
    garbage.hold(0.1)
    clock.turn(1)
    assert garbage.quiet
    clock.turn(1)
    assert not garbage.quiet
    garbage.hold(1.5)
    assert garbage.quiet
    clock.turn(2)
    assert gc.isenabled()


def test_a_moment_that_is_over_holds_nothing(garbage: QuietGarbage) -> None:
    garbage.hold(0)
    garbage.hold(-3)
    assert gc.isenabled()


def test_a_long_quiet_takes_the_first_gap_for_a_collection(
    garbage: QuietGarbage, clock: Cranked, collections: list[str]
) -> None:
    garbage.hold(PREFERRED + 1)
    collections.clear()
    garbage.hold(LONGEST + 5)
    clock.turn(PREFERRED + 0.9)
    assert collections == []  # something fires in this very second
    clock.turn(1)
    assert collections == ["start", "stop"]
    assert garbage.quiet
    assert not gc.isenabled()


def test_without_a_gap_it_never_goes_without_a_collection_for_longer_than_the_bound(
    garbage: QuietGarbage, clock: Cranked, collections: list[str]
) -> None:
    for _ in range(int(LONGEST * 2) - 1):
        garbage.hold(1.5)
        clock.turn(1)
    assert collections == ["start", "stop"]
    assert garbage.quiet


def test_a_release_ends_every_hold_and_what_was_planned_does_no_harm(
    garbage: QuietGarbage, clock: Cranked
) -> None:
    garbage.hold(1)
    garbage.hold(5)
    garbage.release()
    assert gc.isenabled()
    garbage.release()
    clock.turn(0.5)
    garbage.hold(1.2)
    clock.turn(1)
    assert not gc.isenabled()
    clock.turn(1)
    assert gc.isenabled()


def test_a_collector_that_was_off_stays_off(garbage: QuietGarbage, clock: Cranked) -> None:
    gc.disable()
    garbage.hold(1)
    clock.turn(2)
    assert not gc.isenabled()
    gc.enable()


async def test_on_a_running_loop_it_comes_back_by_itself() -> None:
    garbage = QuietGarbage()
    garbage.hold(0.01)
    async with asyncio.timeout(10):
        while garbage.quiet:  # noqa: ASYNC110 - what is under test comes back by a timer
            await asyncio.sleep(0.005)
    assert gc.isenabled()
