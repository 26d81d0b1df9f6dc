"""A registration that lives seconds."""

from datetime import timedelta

from domain.timing import Timing
from gateways.bookeo.wire import BookeoTimeouts

TIMING = Timing(
    lead=timedelta(seconds=3),
    longest_spread=timedelta(milliseconds=500),
    preparation=timedelta(milliseconds=500),
    point_of_no_return=timedelta(milliseconds=500),
    late_deadline=timedelta(minutes=10),
    opening_grace=timedelta(seconds=20),
    opening_retry=timedelta(milliseconds=300),
    quiet_period=timedelta(seconds=5),
    look_ahead=(),
    settlement=timedelta(seconds=120),
)

UNHURRIED = TIMING.model_copy(update={"lead": timedelta(seconds=25)})
"""Armed long enough for a parent to change their mind meanwhile."""

BRIEF = TIMING.model_copy(
    update={"late_deadline": timedelta(minutes=2), "settlement": timedelta(minutes=1)}
)
"""Given up soon, where all faults are over within seconds and no worker dies."""

PATIENT = TIMING.model_copy(update={"settlement": timedelta(seconds=600)})
"""Waits for a person's answer that others' blows hold up again and again."""

TIMEOUTS = BookeoTimeouts(
    connect=timedelta(seconds=1), read=timedelta(seconds=2), total=timedelta(seconds=3)
)
"""Below the quiet period, as in the service."""
