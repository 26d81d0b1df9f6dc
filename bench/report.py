"""The comparison as a table for people."""

from collections.abc import Sequence

from bench.figures import Detail, Results, Row, median_of

COLUMNS = (
    ("p50", "p50_ms"),
    ("p99", "p99_ms"),
    ("latest", "max_ms"),
    ("earliest", "earliest_ms"),
    ("all done, s", "all_done_s"),
    ("CPU, s", "cpu_s"),
    ("RSS, MB", "rss_mb"),
)
COMPARED = "signupassist"
SIZE_OF_SHARES = 500
"""The size for which it is shown where the processor's time goes."""

EXPLANATION = """\
Medians over the runs. Milliseconds run from the instant when a booking was due to its arrival at
the provider's socket, as the kernel stamped it; *all done* runs from the opening to the last
receipt (of `floor`: the last answer). CPU and memory are those of the system's own processes, from
5 s before the opening until all was done; everything shares the machine, Temporal's development
server, Postgres, the data API and the stand-ins too.
"""


def table(found: Results) -> str:
    """The results in Markdown."""
    parts = [
        "# Registrations that share one opening instant",
        EXPLANATION,
        *(_size(found.rows, n) for n in dict.fromkeys(row.n for row in found.rows)),
        _limits(found),
        _shares(found.details),
        _soundness(found.details),
        _circumstances(found),
    ]
    return "\n\n".join(part.strip() for part in parts if part) + "\n"


def _circumstances(found: Results) -> str:
    tls = any(detail.tls for detail in found.details)
    return (
        f"Provider over {'TLS' if tls else 'plain HTTP'}. {found.machine.in_words()}; "
        f"load average before {found.machine.load_before:g}."
    )


def _size(rows: Sequence[Row], n: int) -> str:
    lines = [
        f"## {n:,} registration{'s' if n != 1 else ''}",
        "",
        f"| ms | runs | {' | '.join(name for name, _ in COLUMNS)} |",
        "|---|" + "---:|" * (1 + len(COLUMNS)),
    ]
    for system in dict.fromkeys(row.system for row in rows if row.n == n):
        figures = [median_of(rows, system, n, figure) for _, figure in COLUMNS]
        runs = sum((row.system, row.n) == (system, n) for row in rows)
        lines.append(f"| {system} | {runs} | {' | '.join(map(_rounded, figures))} |")
    ratios = [
        f"{ratio} of `{other}`"
        for other in ("floor", "plain_workflow", "polling")
        if (ratio := _ratio(rows, n, other))
    ]
    if ratios:
        lines += ["", f"p99 of `{COMPARED}` is {', '.join(ratios)}."]
    return "\n".join(lines)


def _ratio(rows: Sequence[Row], n: int, other: str) -> str | None:
    ours = median_of(rows, COMPARED, n, "p99_ms")
    theirs = median_of(rows, other, n, "p99_ms")
    if ours is None or not theirs:
        return None
    if ours < theirs:
        return f"1/{theirs / ours:,.0f}" if theirs / ours >= 2 else f"{ours / theirs:.2f}"  # noqa: PLR2004 - half
    return f"{ours / theirs:.2f} times that"


def _limits(found: Results) -> str:
    if not found.limits:
        return ""
    lines = [
        "## Limit of machine and stand-in",
        "",
        "A bare loop of socket writes, without any HTTP client:",
        "",
        "| n | p50 ms | p99 ms | latest ms | all answered, s |",
        "|---:|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {one.n:,} | {one.p50_ms:.1f} | {one.p99_ms:.1f} | {one.max_ms:.1f} "
        f"| {one.answered_s:.2f} |"
        for one in found.limits
    ]
    return "\n".join(lines)


def _shares(details: Sequence[Detail]) -> str:
    """Where the processor's time goes, by part: the first run of the size that is asked about."""
    shown = [one for one in details if one.n == SIZE_OF_SHARES and one.run == 1]
    if not shown:
        return ""
    servers = ("temporal", "postgres", "data_api", "stand_ins")
    lines = [
        f"## Where the processors' seconds go, {SIZE_OF_SHARES} registrations, first run",
        "",
        f"| | own | {' | '.join(servers)} |",
        "|---|" + "---:|" * (1 + len(servers)),
    ]
    for one in shown:
        spent = [one.cpu_s_by_part.get(part, 0.0) for part in (one.system, *servers)]
        lines.append(f"| {one.system} | {' | '.join(f'{cpu:.1f}' for cpu in spent)} |")
    return "\n".join(lines)


def _soundness(details: Sequence[Detail]) -> str:
    unsound = [one for one in details if one.failures]
    if not unsound:
        booked = sum(one.bookings.get("one", 0) for one in details)
        return f"Nothing came early, and each of {booked:,} was booked exactly once."
    return "\n".join(
        f"- {one.system}, n={one.n}, run {one.run}: {'; '.join(one.failures)}." for one in unsound
    )


def _rounded(value: float | None) -> str:
    return "-" if value is None else f"{value:,.1f}"
