"""An interval that holds the difference of two clocks, narrowed by every reading."""

from dataclasses import dataclass
from datetime import timedelta
from math import inf

from domain.clocks import ClockReading

DRIFT = 50e-6
"""Seconds a second by which two clocks may run apart; an old reading is worth that much less."""

MEMORY_S = 600.0
"""A reading counts for at least half of this and never longer."""


@dataclass(slots=True)
class _Stretch:
    """The readings of half a MEMORY_S. The bounds are as they would have been at time zero."""

    begun: float
    low: float
    high: float
    readings: int = 1


class ClockInterval:
    """Theirs minus ours, in seconds. Pure: every method is told the time, in monotonic seconds.

    The truth lies in the interval as long as it lay in each reading's and the clocks keep within
    DRIFT of each other. A reading that contradicts the others means that a clock was set: then
    it alone counts from there on.
    """

    def __init__(self) -> None:
        self._stretches: list[_Stretch] = []

    def narrow(self, low: float, high: float, at: float) -> None:
        """A reading says: between `low` and `high`, which may be infinite."""
        bounds = self.bounds(at)
        if bounds is not None and (low > bounds[1] or high < bounds[0]):
            self._stretches.clear()
        low_at_zero, high_at_zero = low + DRIFT * at, high - DRIFT * at
        newest = self._stretches[-1] if self._stretches else None
        if newest is None or at - newest.begun > MEMORY_S / 2:
            self._stretches.append(_Stretch(at, low_at_zero, high_at_zero))
            return
        newest.low = max(newest.low, low_at_zero)
        newest.high = min(newest.high, high_at_zero)
        newest.readings += 1

    def bounds(self, at: float) -> tuple[float, float] | None:
        """The interval; None while nothing that still counts was read."""
        self._stretches = [each for each in self._stretches if at - each.begun <= MEMORY_S]
        if not self._stretches:
            return None
        low = max(each.low for each in self._stretches)
        high = min(each.high for each in self._stretches)
        return low - DRIFT * at, high + DRIFT * at

    def reading(self, at: float, *, widest: float = inf) -> ClockReading:
        """The same as a value; where no reading bounded it above, it is taken to be that wide."""
        bounds = self.bounds(at)
        if bounds is None:
            return ClockReading()
        low, high = bounds
        if high == inf:
            high = low + widest
        return ClockReading(
            offset=timedelta(seconds=(low + high) / 2),
            uncertainty=timedelta(seconds=(high - low) / 2),
            readings=sum(each.readings for each in self._stretches),
        )
