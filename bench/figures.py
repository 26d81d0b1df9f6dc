"""What a run measured."""

import math
import os
import platform
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from statistics import median

from pydantic import Field

from domain.frozen import Frozen, Instant


class Machine(Frozen):
    """Where it ran. Servers, database, stand-ins and the systems compared share it."""

    processors: int
    model: str
    memory_gb: int
    system: str
    python: str
    temporalio: str
    load_before: float
    """Mean number of running programs in the minute before: others disturb the figures."""

    @classmethod
    def here(cls) -> "Machine":
        """This one, now."""
        pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
        return cls(
            processors=os.cpu_count() or 1,
            model=_processor(),
            memory_gb=round(pages * size / 1e9),
            system=f"{platform.system()} {platform.machine()}",
            python=platform.python_version(),
            temporalio=version("temporalio"),
            load_before=round(os.getloadavg()[0], 2),
        )

    def in_words(self) -> str:
        """One line."""
        return (
            f"{self.processors} processors ({self.model}), {self.memory_gb} GB, {self.system}, "
            f"Python {self.python}, temporalio {self.temporalio}"
        )


class Row(Frozen):
    """One run of one system. Milliseconds from the due instant to the arrival at the provider."""

    system: str
    n: int
    run: int
    p50_ms: float | None
    p99_ms: float | None
    max_ms: float | None
    earliest_ms: float | None
    all_done_s: float | None
    """From the opening until the last one had its receipt; of the floor, its answer."""
    cpu_s: float
    """Of the system's own processes, from 5 s before the opening until all was done."""
    rss_mb: float


class Detail(Frozen):
    """What else is known of the run."""

    system: str
    n: int
    run: int
    accounts: int
    tls: bool
    opening: Instant
    prepared_in_s: float
    """From the first draft to the last confirmation; of the floor, to the last armed lane."""
    bookings: dict[str, int]
    """How many registrations have none, one, several live bookings at the provider."""
    requests: int
    """Requests to book that reached the provider."""
    early: int
    """Registrations whose first request came before it was due."""
    armed_late: int = 0
    """Registrations that were armed after the time to open a connection of their own."""
    statuses: dict[str, int]
    fees: dict[str, int]
    failures: tuple[str, ...] = ()
    """What went wrong, in words; empty in a sound run."""
    closed_s: float | None = None
    """From all done until no workflow was open any more: letters, and Temporal's own end."""
    cpu_s_by_part: dict[str, float] = Field(default_factory=dict[str, float])
    """Seconds on a processor from 5 s before the opening until all was done."""
    transactions: int | None = None
    """Of the database, in the same time."""
    uvloop: bool | None = None


class Limit(Frozen):
    """How fast a bare loop of socket writes arrives: no client and no system is faster here."""

    n: int
    tls: bool
    p50_ms: float
    p99_ms: float
    max_ms: float
    answered_s: float
    """Until the stand-in had answered every request: its own limit."""


class Results(Frozen):
    """Everything of one call, in the order in which it was measured."""

    machine: Machine
    rows: tuple[Row, ...] = ()
    details: tuple[Detail, ...] = ()
    limits: tuple[Limit, ...] = ()


def percentile(ascending: Sequence[float], share: float) -> float | None:
    """The smallest value that so large a share (0 to 1) does not exceed; None where none are.

    By nearest rank: of fewer than 100 values the 99th percentile is the largest.
    """
    if not ascending:
        return None
    return ascending[max(math.ceil(share * len(ascending)), 1) - 1]


def spread(after_ms: Sequence[float]) -> dict[str, float | None]:
    """The four figures of a row."""
    ascending = sorted(after_ms)
    shares = {"p50_ms": 0.5, "p99_ms": 0.99, "max_ms": 1.0, "earliest_ms": 0.0}
    found = {name: percentile(ascending, share) for name, share in shares.items()}
    return {name: None if ms is None else round(ms, 3) for name, ms in found.items()}


def median_of(rows: Sequence[Row], system: str, n: int, figure: str) -> float | None:
    """The middle of that figure over the runs; None where one of them has none."""
    values = [getattr(row, figure) for row in rows if (row.system, row.n) == (system, n)]
    if not values or None in values:
        return None
    return median(values)


def _processor() -> str:
    try:
        told = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        told = []
    names = [line.partition(":")[2].strip() for line in told if line.startswith("model name")]
    return names[0] if names else platform.machine()
