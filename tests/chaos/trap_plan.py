"""Who is to die, where: a file that every worker under test reads and that one of them claims."""

import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

SCHEMA = """
create table if not exists traps (
  registration text not null,
  step text not null,
  point text not null,
  blow text not null,
  pid integer,
  at real,
  primary key (registration, step, point)
) without rowid
"""


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
    """The traps of a run. A claim is one transaction, which outlives the process that made it."""

    def __init__(self, file: Path) -> None:
        self._file = file
        with closing(self._open()) as database:
            database.execute("pragma journal_mode = wal")
            database.execute(SCHEMA)

    def set(self, traps: Sequence[Trap]) -> None:
        """Add them."""
        rows = [(str(t.registration), t.step, t.point, t.blow) for t in traps]
        with closing(self._open()) as database, database:
            database.executemany(
                "insert into traps (registration, step, point, blow) values (?, ?, ?, ?)", rows
            )

    def sprung(self) -> list[Sprung]:
        """Those that closed, in order."""
        with closing(self._open()) as database:
            rows = database.execute(
                "select registration, step, point, pid, at from traps where at is not null"
                " order by at"
            ).fetchall()
        return [Sprung(UUID(row[0]), row[1], Point(row[2]), row[3], row[4]) for row in rows]

    def claim(self, registration: UUID, step: str, point: Point, pid: int) -> Blow | None:
        """What is to happen here, told to the first process that asks; else None."""
        place = (str(registration), step, point)
        with closing(self._open()) as database, database:
            row = database.execute(
                "select blow from traps where registration = ? and step = ? and point = ?"
                " and at is null",
                place,
            ).fetchone()
            if row is None:
                return None
            claimed = database.execute(
                "update traps set pid = ?, at = ? where registration = ? and step = ? and point = ?"
                " and at is null",
                (pid, time.time(), *place),
            )
            return Blow(row[0]) if claimed.rowcount else None

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(self._file, timeout=30)
