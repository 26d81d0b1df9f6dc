"""What a soak will do, all of it drawn from one seed before it begins."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from tests.chaos.drawn_stories import drawn_story
from tests.chaos.knobs import Knob, knobs
from tests.chaos.stories import Story

ONE_FAULT, TWO_FAULTS = 0.35, 0.10
"""The share of registrations that meet so many."""

HEAVY = ("clock_skew", "refuse_connections", "crash_after_commit")
HEAVY_SHARE = 0.1
"""What hits everybody is drawn so much more seldom than what hits one."""


class Strike(StrEnum):
    """What is done to the machinery."""

    KILL_PART = "part of a worker killed"
    KILL_WORKER = "worker killed"
    PAUSE_WORKER = "worker paused"
    RESTART_TEMPORAL = "Temporal killed"
    RESTART_DATA_API = "data API killed"


EVERY_S: Mapping[Strike, float] = {
    Strike.KILL_PART: 6,
    Strike.KILL_WORKER: 9,
    Strike.PAUSE_WORKER: 30,
    Strike.RESTART_TEMPORAL: 75,
    Strike.RESTART_DATA_API: 40,
}
"""On the average."""


@dataclass(frozen=True)
class Planned:
    """One registration to come."""

    number: int
    story: Story
    knobs: tuple[Knob, ...]


@dataclass(frozen=True)
class PlannedStrike:
    """One strike to come."""

    at_s: float
    strike: Strike
    draw: float
    """From 0 to below 1: whom it meets."""


@dataclass(frozen=True)
class SoakPlan:
    """The same for the same seed, length and rate."""

    registrations: tuple[Planned, ...]
    strikes: tuple[PlannedStrike, ...]

    @classmethod
    def drawn(cls, seed: int, seconds: float, rate: float) -> "SoakPlan":
        """A plan that begins so many registrations a second for so long."""
        draw = random.Random(seed)  # noqa: S311 - repeatable, not secret
        known = knobs()
        weights = [HEAVY_SHARE if knob.name.endswith(HEAVY) else 1.0 for knob in known]
        strikes = tuple(_strikes(draw, seconds))
        planned = [
            Planned(number, drawn_story(draw), _faults(draw, known, weights))
            for number in range(max(int(seconds * rate), 1))
        ]
        return cls(tuple(planned), strikes)


def _faults(draw: random.Random, known: list[Knob], weights: list[float]) -> tuple[Knob, ...]:
    share = draw.random()
    count = 2 if share < TWO_FAULTS else 1 if share < TWO_FAULTS + ONE_FAULT else 0
    return tuple(dict.fromkeys(draw.choices(known, weights, k=count)))


def _strikes(draw: random.Random, seconds: float) -> list[PlannedStrike]:
    found: list[PlannedStrike] = []
    for strike, every in EVERY_S.items():
        at = draw.expovariate(1 / every)
        while at < seconds:
            found.append(PlannedStrike(at, strike, draw.random()))
            at += draw.expovariate(1 / every)
    return sorted(found, key=lambda one: one.at_s)
