"""This machine's clock against the others': a booking leaves when ours shows the instant."""

from datetime import timedelta
from math import inf

from activities.other_clocks import OtherClock
from console.doctor.examination import Check
from console.doctor.findings import Finding, InPeace, NotChecked, failed, passed, warned
from console.doctor.patient import Patient, Program
from domain.clocks import LONGEST_COMPENSATION, ClockReading

TOLERATED = timedelta(milliseconds=100)
"""Beyond this a booking is noticeably early or late."""

INTOLERABLE = LONGEST_COMPENSATION
"""Beyond this nothing that the worker does makes up for it."""

NTP = "Keep this machine's clock with NTP, or find out which of the clocks is wrong."


async def _database(patient: Patient) -> list[Finding]:
    told, clock = await patient.report.needed(), OtherClock()
    clock.between(told.asked_at, told.report.at, told.answered_at)
    return [_of_reading("clock.database", "the database's", clock.reading)]


async def _provider(patient: Patient) -> list[Finding]:
    looks = await patient.accounts.needed()
    asked = [look.provider for look in looks if look.provider is not None and look.access]
    if not asked and any(look.in_peace for look in looks):
        raise InPeace
    if not asked:
        raise NotChecked("no account at Bookeo answered")
    # All accounts of the host share one reading, by the Date of every answer.
    return [_of_reading("clock.provider", "Bookeo's", asked[0].clock())]


async def _temporal(patient: Patient) -> list[Finding]:
    """Temporal tells no time: it lies after the last poll it saw, and before the next run."""
    queues, schedules = await patient.queues.needed(), await patient.schedules.needed()
    low, high = -inf, inf
    for state in queues:
        for poller in state.pollers:
            low = max(low, (poller.asked_at - state.answered_at).total_seconds())
    if queues:
        asked_at = min(state.answered_at for state in queues)
        for job in schedules.values():
            if job is not None and job.next_run is not None and not job.paused:
                high = min(high, (job.next_run - asked_at).total_seconds())
    if low == -inf and high == inf:
        raise NotChecked("Temporal tells its time by pollers and schedules, and has neither")
    return [_of_bounds("clock.temporal", "Temporal's", low, high)]


def _of_reading(name: str, whose: str, reading: ClockReading) -> Finding:
    if reading.offset is None or reading.uncertainty is None:
        raise NotChecked(f"{whose} answers tell no time")
    offset, width = reading.offset.total_seconds(), reading.uncertainty.total_seconds()
    return _of_bounds(name, whose, offset - width, offset + width)


def _of_bounds(name: str, whose: str, low: float, high: float) -> Finding:
    """Their clock minus ours lies between the two, in seconds.

    Only what is sure is held against ours: by how much it is off at the least.
    """
    surely = timedelta(seconds=low if low > 0 else -high if high < 0 else 0)
    ours = "behind" if low > 0 else "ahead of"
    said = f"This machine's clock is at least {surely.total_seconds():.3g} s {ours} {whose}."
    if surely > INTOLERABLE:
        return failed(name, said, NTP)
    if surely > TOLERATED:
        return warned(name, said, NTP)
    return passed(
        name,
        f"As far as can be told, this machine's clock agrees with {whose}: theirs less ours is "
        f"{_bound(low)} to {_bound(high)} s.",
    )


def _bound(seconds: float) -> str:
    return "any" if abs(seconds) == inf else f"{seconds:+.2f}"


PROGRAMS = (Program.WORKER, Program.MCP)

CHECKS = (
    Check("clock.database", _database, NTP, PROGRAMS),
    Check("clock.provider", _provider, NTP, PROGRAMS),
    Check("clock.temporal", _temporal, NTP),
)
