"""How much time a job's activities are given, by how long each is expected to take.

A job names one row of DURATIONS, and its activities run under that row. docs/new-job.md shows the
same table, and a test holds both, and every job, to it.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from temporalio.common import RetryPolicy

from workflows.policies import Policy


@dataclass(frozen=True)
class Duration:
    """One row: an activity that is expected to take no longer than `expected`."""

    name: str
    """As docs/new-job.md has it."""
    expected: timedelta
    policy: Policy
    """One try may take several times as long as expected, and a dead worker is noticed by the
    heartbeat, long before that. All tries together end before the run does."""
    whole_run: timedelta
    """A run that is not done by then is ended, so that the next one can begin."""

    def under(self, summary: str) -> dict[str, Any]:
        """The options of an activity, with the words of the Web UI."""
        return self.policy.under(summary)


_SOON = RetryPolicy(
    # The next run of the schedule is the real retry: what one leaves is still due then.
    initial_interval=timedelta(seconds=2),
    backoff_coefficient=3.0,
    maximum_interval=timedelta(minutes=1),
)

_PATIENTLY = RetryPolicy(
    # The next run may be a day away, so an outage of hours is waited out. The first repeats come
    # at once: mostly it was a moment's trouble.
    initial_interval=timedelta(seconds=1),
    backoff_coefficient=4.0,
    maximum_interval=timedelta(minutes=10),
)

SECONDS = Duration(
    name="SECONDS",
    expected=timedelta(seconds=10),
    policy=Policy(
        start_to_close=timedelta(minutes=1),
        heartbeat=timedelta(seconds=15),
        schedule_to_close=timedelta(minutes=3),
        retry=_SOON,
    ),
    whole_run=timedelta(minutes=5),
)

A_MINUTE = Duration(
    name="A_MINUTE",
    expected=timedelta(minutes=1),
    policy=Policy(
        start_to_close=timedelta(minutes=5),
        heartbeat=timedelta(seconds=30),
        schedule_to_close=timedelta(minutes=10),
        retry=_SOON,
    ),
    whole_run=timedelta(minutes=15),
)

TEN_MINUTES = Duration(
    name="TEN_MINUTES",
    expected=timedelta(minutes=10),
    policy=Policy(
        start_to_close=timedelta(minutes=30),
        heartbeat=timedelta(minutes=1),
        schedule_to_close=timedelta(hours=2),
        retry=_PATIENTLY,
    ),
    whole_run=timedelta(hours=3),
)

HOURS = Duration(
    name="HOURS",
    expected=timedelta(hours=2),
    policy=Policy(
        start_to_close=timedelta(hours=6),
        heartbeat=timedelta(minutes=1),
        schedule_to_close=timedelta(hours=14),
        retry=_PATIENTLY,
    ),
    # Less than a day: a nightly run that hangs costs one night, not the next as well.
    whole_run=timedelta(hours=22),
)

DURATIONS = (SECONDS, A_MINUTE, TEN_MINUTES, HOURS)
"""The table, shortest first."""
