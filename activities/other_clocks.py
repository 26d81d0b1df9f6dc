"""What the clocks of the database and of Temporal show, compared with ours."""

import math
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from domain.clock_interval import ClockInterval
from domain.clocks import ClockReading

QUICKEST_DELIVERY = timedelta(milliseconds=50)
"""Temporal tells when it handed a task out, not when we asked. So the quickest of many deliveries
is taken to have lasted no longer than this."""


class OtherClock:
    """Their clock minus ours, by every reading of the last minutes."""

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._interval = ClockInterval()

    def between(self, asked_at: datetime, theirs: datetime, answered_at: datetime) -> None:
        """They read `theirs` somewhere between our two instants."""
        low, high = theirs - answered_at, theirs - asked_at
        self._interval.narrow(low.total_seconds(), high.total_seconds(), self._monotonic())

    def handed_out(self, theirs: datetime, received_at: datetime) -> None:
        """They read `theirs` before we received it; how long before is not told."""
        low = (theirs - received_at).total_seconds()
        self._interval.narrow(low, math.inf, self._monotonic())

    @property
    def reading(self) -> ClockReading:
        """The estimate."""
        return self._interval.reading(self._monotonic(), widest=QUICKEST_DELIVERY.total_seconds())
