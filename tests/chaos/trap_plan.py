"""Who is to die, where: a file each, which every worker under test reads and one takes away."""

import time
from collections.abc import Sequence
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, unquote
from uuid import UUID

BETWEEN = "@"
"""The parts of a file's name."""


class Point(StrEnum):
    """Where in a step the process is struck."""

    BEFORE_EFFECT = "before_effect"
    AFTER_EFFECT = "after_effect"
    """What it did stands, and it has not heard so."""
    AFTER_ANSWER = "after_answer"
    """It knows, and Temporal does not yet."""


class Blow(StrEnum):
    """What happens to the process there."""

    KILL_PART = "kill_part"
    """SIGKILL for this one process of the worker."""
    KILL_WORKER = "kill_worker"
    """SIGKILL for all processes of the worker, as where the machine dies."""
    PAUSE_WORKER = "pause_worker"
    """SIGSTOP for all of them, as where the machine sleeps."""


class Trap(NamedTuple):
    """One registration's trap. It closes once, the first time that the place is reached."""

    registration: UUID
    step: str
    point: Point
    blow: Blow


class Sprung(NamedTuple):
    """A trap that closed."""

    registration: UUID
    step: str
    point: Point
    pid: int
    at: float
    """Epoch seconds."""


class TrapPlan:
    """The traps of a run. A claim is one renaming, which outlives the process that made it.

    No lock is held for it: a process that is stopped with one would keep it from all others.
    """

    def __init__(self, folder: Path) -> None:
        self._set, self._sprung = folder / "set", folder / "sprung"
        for each in (self._set, self._sprung):
            each.mkdir(parents=True, exist_ok=True)

    def set(self, traps: Sequence[Trap]) -> None:
        """Add them.

        Raises:
            FileExistsError: one is set there already.
        """
        for trap in traps:
            file = self._set / _named(trap.registration, trap.step, trap.point)
            with file.open("x") as written:
                written.write(trap.blow)

    def sprung(self) -> list[Sprung]:
        """Those that closed, in order."""
        parts = (file.name.split(BETWEEN) for file in self._sprung.iterdir())
        found = (
            Sprung(UUID(registration), unquote(step), Point(point), int(pid), float(at))
            for registration, step, point, pid, at in parts
        )
        return sorted(found, key=lambda one: one.at)

    def claim(self, registration: UUID, step: str, point: Point, pid: int) -> Blow | None:
        """What is to happen here, told to the first process that asks; else None."""
        name = _named(registration, step, point)
        with suppress(FileNotFoundError):
            blow = Blow((self._set / name).read_text())
            closed = BETWEEN.join((name, str(pid), f"{time.time():.6f}"))
            (self._set / name).rename(self._sprung / closed)
            return blow
        return None


def _named(registration: UUID, step: str, point: Point) -> str:
    return BETWEEN.join((str(registration), quote(step, safe=""), point))
