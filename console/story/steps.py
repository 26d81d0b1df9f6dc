"""One step of a registration's story."""

from datetime import timedelta
from enum import StrEnum

from domain.frozen import Frozen, Instant

MILLISECOND = timedelta(milliseconds=1)


class Clock(StrEnum):
    """Whose clock a step's instant is by, and who tells of it."""

    DATABASE = "database"
    TEMPORAL = "temporal"
    WORKER = "worker"


class Step(Frozen):
    """What happened, when, and by whom. Nothing personal."""

    at: Instant
    clock: Clock
    who: str
    """Who or what caused it."""
    what: str
    trouble: bool = False
    """Whether something did not go as it should."""


def ordered(steps: list[Step]) -> list[Step]:
    """As they happened, as far as three clocks can tell."""
    return sorted(steps, key=lambda step: step.at)
