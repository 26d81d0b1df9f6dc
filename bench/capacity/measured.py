"""What was measured of a registration, from the results that are committed."""

import json
from collections.abc import Iterable
from datetime import datetime
from itertools import takewhile
from pathlib import Path
from statistics import median
from typing import Any

from pydantic import TypeAdapter

from bench.capacity.histories import Cost, cost_of, opening_cost_of
from bench.capacity.kept_rows import FILE as KEPT_ROWS
from bench.capacity.kept_rows import KeptRows
from bench.figures import Detail, Row
from domain.frozen import Frozen
from domain.recurrence import DAY, EPOCH
from workflows.schedules import jobs_of

ROOT = Path(__file__).parent.parent.parent
RESULTS = ROOT / "bench" / "results"
HISTORIES = ROOT / "tests" / "replay" / "histories"
N = 1_000
"""The size whose figures are used: the largest that was measured."""

PARTS = {
    "signupassist": "worker",
    "temporal": "Temporal",
    "postgres": "Postgres",
    "data_api": "data API",
}
MONTH = 30
"""Days."""

ACTIONS_OF_A_START = 2
"""Of a schedule, beside what its run costs. https://docs.temporal.io/cloud/actions"""


class Measured(Frozen):
    """Of one registration, unless it says otherwise."""

    booked: Cost
    asleep: Cost
    rescheduled: Cost
    opening: Cost
    """From its last preflight on: what comes together when many share an instant."""
    rows: KeptRows
    cpu_s: dict[str, float]
    """Seconds on a processor, by part, from arming to receipt, N sharing an instant."""
    transactions: float
    """Of the database, in the same time."""
    receipts_per_s: float
    """Of one machine that all parts share, N sharing an instant."""
    p99_ms: float
    confirmed_per_s: float
    asleep_n: int
    asleep_mb: dict[str, float]
    asleep_cores: dict[str, float]
    """Of `asleep_n` that sleep."""
    jobs_actions: int
    """Temporal's, of all schedules in thirty days, with nothing to do."""


def measured() -> Measured:
    """What is committed."""
    rows = TypeAdapter(tuple[Row, ...]).validate_json((RESULTS / "latest.json").read_bytes())
    kept: dict[str, Any] = json.loads((RESULTS / "details.json").read_text())
    details = TypeAdapter(tuple[Detail, ...]).validate_python(kept["details"])
    ours = [row for row in rows if (row.system, row.n) == ("signupassist", N)]
    spent = [each for each in details if (each.system, each.n) == ("signupassist", N)]
    scenarios: dict[str, Any] = json.loads((RESULTS / "scenarios.json").read_text())
    sleeping: dict[str, float] = scenarios["pending"]["figures"]
    newest = HISTORIES / "on_the_instant"
    return Measured(
        booked=cost_of(newest / "booked.json"),
        asleep=cost_of(newest / "still_asleep.json"),
        rescheduled=cost_of(newest / "rescheduled.json"),
        opening=opening_cost_of(newest / "booked.json"),
        rows=KeptRows.model_validate_json(KEPT_ROWS.read_bytes()),
        cpu_s={
            name: median(each.cpu_s_by_part[part] for each in spent) / N
            for part, name in PARTS.items()
        },
        transactions=median(each.transactions or 0 for each in spent) / N,
        receipts_per_s=N / median(row.all_done_s or 0 for row in ours),
        p99_ms=median(row.p99_ms or 0 for row in ours),
        confirmed_per_s=sleeping["confirmed_per_s"],
        asleep_n=int(sleeping["n"]),
        asleep_mb={"worker": sleeping["worker_rss_mb"], "Temporal": sleeping["temporal_rss_mb"]},
        asleep_cores={name: sleeping[f"{part}_cpu_share"] for part, name in PARTS.items()},
        jobs_actions=_jobs_actions(),
    )


def _jobs_actions() -> int:
    idle = cost_of(HISTORIES / "sweeps" / "of_a_schedule.json").actions
    a_day = sum(_within_a_day(job.when.times_after(EPOCH)) for job in jobs_of("UTC"))
    return MONTH * a_day * (idle + ACTIONS_OF_A_START)


def _within_a_day(times: Iterable[datetime]) -> int:
    return sum(1 for _ in takewhile(lambda time: time <= EPOCH + DAY, times))
