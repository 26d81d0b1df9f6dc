"""When a sleeping registration wakes next, and why."""

from dataclasses import dataclass
from datetime import datetime

from domain.timing import Timing


@dataclass(frozen=True)
class Wake:
    """The next instant at which there is something to do."""

    at: datetime
    lead: bool
    """Whether it is the lead, in which the booking is armed."""
    words: str
    """What the Web UI says of the timer."""


def next_wake(scheduled_time: datetime, timing: Timing, now: datetime) -> Wake:
    """The next look-ahead that still lies ahead, else the lead. It may lie in the past."""
    for before in sorted(timing.look_ahead, reverse=True):
        at = scheduled_time - before
        if now < at and before > timing.lead:
            return Wake(at, lead=False, words=f"Sleep to the look-ahead {before} before")
    return Wake(
        scheduled_time - timing.lead,
        lead=True,
        words=f"Sleep to {timing.lead.total_seconds():g} s before the opening",
    )
