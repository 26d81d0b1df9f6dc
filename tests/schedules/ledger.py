"""What a job of the tests writes down: each effect once, and every try."""

import sqlite3
from collections import Counter
from collections.abc import Generator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from domain.frozen import Frozen
from domain.job_orders import JobOrder

TABLES = """
create table if not exists effects (
  due text, step int, worker text, clock text, at text, primary key (due, step)
);
create table if not exists tries (due text, step int, run text);
"""


class TallyOrder(JobOrder):
    ledger: str
    """Its file."""
    steps: int = 1
    step_seconds: float = 0.0
    noticed_after_seconds: float = 15.0
    """When a worker that died is noticed."""


class TallyProgress(Frozen):
    done: int = 0


class Ledger:
    """Shared by processes."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def take(self, due: datetime, step: int, run: str, worker: str, clock: datetime) -> None:
        """A step's effect, keyed by the run's nominal time: a repeat has none."""
        with self._open() as database:
            database.execute("insert into tries values (?, ?, ?)", (due.isoformat(), step, run))
            database.execute(
                "insert or ignore into effects values (?, ?, ?, ?, ?)",
                (due.isoformat(), step, worker, clock.isoformat(), datetime.now(UTC).isoformat()),
            )

    def effects(self) -> dict[datetime, list[int]]:
        """The steps that were taken, by nominal time."""
        found: dict[datetime, list[int]] = {}
        for due, step in self._rows("select due, step from effects order by due, step"):
            found.setdefault(datetime.fromisoformat(due), []).append(step)
        return found

    def due(self) -> list[datetime]:
        """The nominal times that had an effect, in order."""
        return sorted(self.effects())

    def tries(self) -> Counter[tuple[datetime, int]]:
        """How often each step was tried."""
        rows = self._rows("select due, step from tries")
        return Counter((datetime.fromisoformat(due), step) for due, step in rows)

    def ran(self) -> list[datetime]:
        """The nominal time of each run that there was, in order."""
        rows = self._rows("select distinct due, run from tries")
        return sorted(datetime.fromisoformat(due) for due, _ in rows)

    def workers(self) -> set[str]:
        """Who took steps."""
        return {worker for (worker,) in self._rows("select distinct worker from effects")}

    def worker_of(self, due: datetime) -> str:
        """Who took the latest step of that run."""
        rows = self._rows("select worker, due from effects order by due, step")
        return [worker for worker, at in rows if datetime.fromisoformat(at) == due][-1]

    def clocks(self) -> dict[str, timedelta]:
        """By how much each worker's clock was ahead of the machine's, as its entries show."""
        rows = self._rows("select worker, clock, at from effects")
        return {
            worker: datetime.fromisoformat(clock) - datetime.fromisoformat(at)
            for worker, clock, at in rows
        }

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        with self._open() as database:
            return database.execute(query).fetchall()

    @contextmanager
    def _open(self) -> Generator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._file, timeout=30)) as database, database:
            database.executescript(TABLES)
            yield database
