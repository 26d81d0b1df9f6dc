"""A run as a table for people."""

from collections.abc import Sequence

from bench.figures import Found, percentile

HEADING = "| | p50 | p99 | latest |\n|---|---:|---:|---:|"


def table(found: Found) -> str:
    """The run in Markdown."""
    machine = found.machine
    completed = sum(booking.status == "completed" for booking in found.bookings)
    paid = sum(booking.fee_status == "paid" for booking in found.bookings)
    requests = sum(booking.requests for booking in found.bookings)
    early = sum(arrived < 0 for arrived in found.arrivals)
    twice = sum(booking.bookings > 1 for booking in found.bookings)
    queued = [b.queue_delay_ms for b in found.bookings if b.queue_delay_ms is not None]
    return f"""# {found.registrations} registrations at one opening

{HEADING}
{_row("request reached the provider after the opening, ms", found.arrivals)}
{_row("first byte after its assigned send time, ms", found.lateness)}
{_row("assigned send time after the opening, ms", sorted(map(float, queued)))}
{_row("receipt written after the opening, ms", found.receipts)}

- {completed} of {found.registrations} booked, {paid} fees paid, {requests} requests to book.
- {early} requests before the opening, {twice} registrations with more than one booking.
- Confirmed in {found.confirmed_in_s:g} s; opening {found.opening:%Y-%m-%d %H:%M:%S} UTC.
- {machine.processors} processors, {machine.system}, Python {machine.python}, \
temporalio {machine.temporalio}; load average before the run {machine.load_before:g}.

One run. Everything shares the machine: Temporal's development server, Postgres, the data API, both
simulators, the mail catcher, worker and MCP server. Arrival is what the simulator's ledger says; of
fewer than 100 registrations p99 is the latest.
"""


def _row(what: str, ascending: Sequence[float]) -> str:
    shares = (percentile(ascending, share) for share in (0.5, 0.99, 1))
    return f"| {what} | {' | '.join(_rounded(value) for value in shares)} |"


def _rounded(value: float | None) -> str:
    return "-" if value is None else f"{value:,.1f}"
