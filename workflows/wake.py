"""When a sleeping registration wakes next, and why."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from domain.identifiers import share
    from domain.timing import Timing
    from workflows.policies import ARMED_PER_SECOND


@dataclass(frozen=True)
class Wake:
    """The next instant at which there is something to do."""

    at: datetime
    lead: bool
    """Whether it is the lead, in which the booking is armed."""
    words: str
    """What the Web UI says of the timer."""


def next_wake(
    registration_id: UUID, scheduled_time: datetime, timing: Timing, now: datetime
) -> Wake:
    """The next look-ahead that still lies ahead, else the lead. It may lie in the past.

    The lead begins with the last preflight, before the earliest turn that the registration may
    get: those of one instant wake evenly over the longest spread, however many they are.
    """
    lead = timing.lead + _place(registration_id) * timing.longest_spread + timing.preparation
    for before in sorted(timing.look_ahead, reverse=True):
        at = scheduled_time - before
        if now < at and before > lead:
            return Wake(at, lead=False, words=f"Sleep to the look-ahead {before} before")
    return Wake(
        scheduled_time - lead,
        lead=True,
        words=f"Sleep to {lead.total_seconds():.1f} s before the opening",
    )


def turn(
    registration_id: UUID, scheduled_time: datetime, timing: Timing, sharing_instant: int
) -> datetime:
    """When it is claimed and armed: those of one instant not faster than lanes can be armed.

    Not in the order of confirmation: the claim assigns that, whoever comes first.
    """
    needed = timedelta(seconds=sharing_instant / ARMED_PER_SECOND)
    spread = min(needed, timing.longest_spread)
    return scheduled_time - timing.lead - _place(registration_id) * spread


def _place(registration_id: UUID) -> float:
    return share(registration_id, "arming")
