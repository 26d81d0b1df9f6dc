"""What follows for an installation: formulas, and where limits are met."""

from datetime import timedelta

from bench.capacity.measured import MONTH, Measured, N
from domain.frozen import Frozen
from domain.timing import Timing
from workflows.policies import ARMED_PER_SECOND

MINUTE = timedelta(minutes=1)
RETENTION_DAYS = 30

CLOUD_ACTIONS_PER_SECOND = 500
"""A namespace's, before it is raised. https://docs.temporal.io/cloud/limits, System limits"""

HISTORY_EVENTS, HISTORY_BYTES, UPDATES = 51_200, 50_000_000, 2_000
"""Of one run, on whichever server. The same page, Programming model level"""


class Size(Frozen):
    """An installation."""

    a_day: int
    """Registrations that are confirmed, and so booked."""
    at_once: int
    """The most that share an instant."""
    asleep: int


SIZES = (
    Size(a_day=100, at_once=50, asleep=1_400),
    Size(a_day=1_000, at_once=500, asleep=14_000),
    Size(a_day=10_000, at_once=1_500, asleep=140_000),
)
"""Each with openings two weeks ahead."""


class Needed(Frozen):
    """One thing that an installation needs, with the formula in words."""

    what: str
    formula: str
    figure: str


def needed(found: Measured, size: Size) -> list[Needed]:
    """Everything that an installation of that size needs."""
    return [*_of_temporal(found, size), *_of_machines(found, size), *_of_disks(found, size)]


def _of_temporal(found: Measured, size: Size) -> list[Needed]:
    month = MONTH * size.a_day * found.booked.actions + found.jobs_actions
    arming = min(
        timedelta(seconds=size.at_once / ARMED_PER_SECOND), Timing().longest_spread
    ).total_seconds()
    peak = size.at_once * found.opening.actions / (arming + size.at_once / found.receipts_per_s)
    return [
        Needed(
            what="actions of Temporal a month",
            formula=f"{MONTH} D · {found.booked.actions} + {found.jobs_actions / 1e6:.2f} M",
            figure=f"{month / 1e6:.2f} M",
        ),
        Needed(
            what="actions a second about the opening",
            formula=f"P · {found.opening.actions} ÷ (arming + receipts)",
            figure=f"{peak:.0f}",
        ),
    ]


def _of_machines(found: Measured, size: Size) -> list[Needed]:
    together, alone = sum(found.cpu_s.values()), found.cpu_s["worker"]
    share = size.at_once / MINUTE.total_seconds()
    return [
        Needed(
            what="seconds to the last receipt, with such a machine",
            formula=f"P ÷ {found.receipts_per_s:.0f}",
            figure=f"{size.at_once / found.receipts_per_s:.0f}",
        ),
        Needed(
            what="cores for receipts within a minute, all parts",
            formula=f"P · {together:.3f} ÷ 60",
            figure=f"{share * together:.1f}",
        ),
        Needed(
            what="of them the worker's",
            formula=f"P · {alone:.3f} ÷ 60",
            figure=f"{share * alone:.1f}",
        ),
    ]


def _of_disks(found: Measured, size: Size) -> list[Needed]:
    asleep, booked, rows = found.asleep.size, found.booked.size, found.rows.bytes_of_rows
    histories = size.asleep * asleep + RETENTION_DAYS * size.a_day * booked
    return [
        Needed(
            what="histories that Temporal keeps",
            formula=f"S · {kilobytes(asleep)} + {RETENTION_DAYS} D · {kilobytes(booked)}",
            figure=_large(histories),
        ),
        Needed(
            what="rows of a year",
            formula=f"365 D · {kilobytes(rows)}",
            figure=_large(365 * size.a_day * rows),
        ),
    ]


def limits(found: Measured) -> list[tuple[str, str]]:
    """Where one is met, by what it limits."""
    added = found.rescheduled.events - found.booked.events
    reschedules = min((HISTORY_EVENTS - found.booked.events) // added, UPDATES)
    in_time = ARMED_PER_SECOND * Timing().longest_spread.total_seconds()
    return [
        ("receipts within a minute, everything on one such machine", _a_minute(found)),
        ("one instant that one server arms in time", f"{in_time:,.0f}"),
        (
            "arms a second within a namespace's first limit of actions",
            f"{CLOUD_ACTIONS_PER_SECOND / found.opening.actions:.0f}",
        ),
        (
            "receipts a second of a worker with two cores of its own",
            f"{2 / found.cpu_s['worker']:.0f}",
        ),
        ("actions a month before any registration", f"{found.jobs_actions:,}"),
        ("reschedules that one history takes", f"{reschedules:,}"),
        ("share of a history's largest size, booked", f"{found.booked.size / HISTORY_BYTES:.2%}"),
    ]


def of_one(found: Measured) -> list[tuple[str, str]]:
    """What one registration costs."""
    booked, asleep, rows = found.booked, found.asleep, found.rows
    added = found.rescheduled.size - booked.size
    return [
        ("its history, booked", f"{booked.events} events, {kilobytes(booked.size)}"),
        ("its history, asleep", f"{asleep.events} events, {kilobytes(asleep.size)}"),
        (
            "a reschedule adds",
            f"{found.rescheduled.events - booked.events} events, {kilobytes(added)}",
        ),
        ("actions of Temporal", f"{booked.actions}, {found.opening.actions} about the opening"),
        ("rows of the database", f"{rows.rows:g}, {kilobytes(rows.bytes_of_rows)}"),
        ("transactions from arming to receipt", f"{found.transactions:.1f}"),
        *((f"{part}, of a core", f"{s * 1000:.0f} ms") for part, s in found.cpu_s.items()),
    ]


def of_one_machine(found: Measured) -> list[tuple[str, str]]:
    """What the machine carried that everything was measured on."""
    cores = ", ".join(f"{part} {share:.2%}" for part, share in found.asleep_cores.items())
    memory = ", ".join(f"{part} {mb:.0f} MB" for part, mb in found.asleep_mb.items())
    return [
        ("confirmed a second", f"{found.confirmed_per_s:.0f}"),
        (f"p99 of {N:,} at one instant", f"{found.p99_ms:.0f} ms"),
        ("receipts a second after it", f"{found.receipts_per_s:.0f}"),
        (f"{found.asleep_n:,} asleep, of a core", cores),
        (f"{found.asleep_n:,} asleep, memory", memory),
    ]


def _a_minute(found: Measured) -> str:
    return f"{found.receipts_per_s * MINUTE.total_seconds():,.0f}"


def kilobytes(size: float) -> str:
    """As `12.2 kB`."""
    return f"{size / 1000:.1f} kB"


def _large(size: float) -> str:
    return f"{size / 1e6:,.0f} MB"
