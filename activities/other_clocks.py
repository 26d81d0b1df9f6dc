"""What the clocks of the database and of Temporal show, compared with ours."""

from collections import deque
from datetime import datetime, timedelta

from domain.clocks import ClockReading

KEPT = 60
"""Readings of the last minute or so: clocks drift too little in it to matter."""

QUICKEST_DELIVERY = timedelta(milliseconds=50)
"""Temporal tells when it handed a task out, not when we asked. So the quickest of many deliveries
is taken to have lasted no longer than this."""


class OtherClock:
    """An interval of (theirs - ours), narrowed by every reading that agrees."""

    def __init__(self) -> None:
        self._bounds: deque[tuple[timedelta, timedelta]] = deque(maxlen=KEPT)

    def between(self, asked_at: datetime, theirs: datetime, answered_at: datetime) -> None:
        """They read `theirs` somewhere between our two instants."""
        self._bounds.append((theirs - answered_at, theirs - asked_at))

    def handed_out(self, theirs: datetime, received_at: datetime) -> None:
        """They read `theirs` before we received it; how long before is not told."""
        low = theirs - received_at
        self._bounds.append((low, low + QUICKEST_DELIVERY))

    @property
    def reading(self) -> ClockReading:
        """The estimate."""
        low: timedelta | None = None
        high: timedelta | None = None
        agreeing = 0
        for lower, upper in reversed(self._bounds):
            narrowed = (
                lower if low is None else max(low, lower),
                upper if high is None else min(high, upper),
            )
            if narrowed[0] > narrowed[1]:
                # A slow delivery says little; a clock that was set makes the newest count.
                continue
            low, high = narrowed
            agreeing += 1
        if low is None or high is None:
            return ClockReading()
        return ClockReading(
            offset=(low + high) / 2, uncertainty=(high - low) / 2, readings=agreeing
        )
