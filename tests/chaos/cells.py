"""The cells of the crash matrix: every step, struck at every point, recovered in every way."""

import random
from dataclasses import dataclass
from enum import StrEnum

from tests.chaos.steps import EFFECTS, WORKFLOW, activities, workflow_steps
from tests.chaos.trap_plan import Blow, Point


class Recovery(StrEnum):
    """Who goes on afterwards."""

    SAME_WORKER = "same_worker"
    """The process that died is started again; there is no other."""
    OTHER_WORKER = "other_worker"
    """Its whole machine died, and another has its share."""
    SERVER_RESTART = "server_restart"
    """Temporal's server is killed with it, and both come back."""
    PAUSED_WORKER = "paused_worker"
    """Nobody died: the machine stood still past its lease and the opening, and wakes beside
    the one that took over."""


BLOWS = {
    Recovery.SAME_WORKER: Blow.KILL_PART,
    Recovery.OTHER_WORKER: Blow.KILL_WORKER,
    Recovery.SERVER_RESTART: Blow.KILL_WORKER,
    Recovery.PAUSED_WORKER: Blow.PAUSE_WORKER,
}


class UnknownCell(Exception):
    """There is no cell of that name."""


@dataclass(frozen=True, order=True)
class Cell:
    """One way to be struck down and to come back."""

    step: str
    """An activity, with its effect where it has several (`book:open_attempt`), or what the
    workflow does (`workflow:book`: it begins that activity)."""
    point: Point
    recovery: Recovery

    @property
    def name(self) -> str:
        """By which it is run alone."""
        return f"{self.step}/{self.point}/{self.recovery}"

    @property
    def place(self) -> str:
        """The step as a worker under test names it."""
        if self.step.startswith(WORKFLOW) or self.point is Point.AFTER_ANSWER:
            return self.step
        activity, _, effect = self.step.partition(":")
        return f"{activity}:{effect or EFFECTS.get(activity, ('*',))[0]}"

    @property
    def activity(self) -> str:
        """What it is about: an activity, an update or the run."""
        return self.step.removeprefix(WORKFLOW).removeprefix("update-").partition(":")[0]


def every_cell() -> list[Cell]:
    """All of them, in a stable order."""
    return [
        Cell(step, point, recovery)
        for recovery in Recovery
        for step, points in _steps().items()
        for point in points
    ]


def chosen(names: list[str]) -> list[Cell]:
    """The cells of those names; of the beginning of a name, every cell that has it.

    Raises:
        UnknownCell: one names none.
    """
    cells = every_cell()
    found: list[Cell] = []
    for name in names:
        exact = [cell for cell in cells if cell.name == name]
        named = exact or [cell for cell in cells if cell.name.startswith(name)]
        if not named:
            raise UnknownCell(f"There is no cell {name!r}; --list shows them all.")
        found += named
    return list(dict.fromkeys(found))


def sample(count: int, seed: int) -> list[Cell]:
    """So many of them, the same for the same seed."""
    return sorted(random.Random(seed).sample(every_cell(), count))  # noqa: S311 - repeatable


def _steps() -> dict[str, tuple[Point, ...]]:
    steps: dict[str, tuple[Point, ...]] = {}
    for name in activities():
        steps[name] = tuple(Point)
        for further in EFFECTS.get(name, ())[1:]:
            steps[f"{name}:{further}"] = (Point.BEFORE_EFFECT, Point.AFTER_EFFECT)
    return steps | dict.fromkeys(workflow_steps(), tuple(Point))
