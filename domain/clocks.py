"""How another program's clock stands to ours."""

from datetime import timedelta

from domain.frozen import Frozen

LONGEST_COMPENSATION = timedelta(seconds=1)
"""A provider that seems further behind than this is not believed."""

AGREEING = 3
"""So many readings must agree before a clock is believed."""


class ClockReading(Frozen):
    """An estimate of their clock minus ours, as an interval that holds the truth.

    The estimate is its middle, the uncertainty half its width. Both are None while nothing
    usable was read.
    """

    offset: timedelta | None = None
    uncertainty: timedelta | None = None
    readings: int = 0
    """How many answers agree with it."""

    @property
    def surely_behind(self) -> timedelta:
        """By how much their clock is behind ours at the least: 0 to LONGEST_COMPENSATION.

        Zero where fewer than AGREEING readings agree, or where it may as well not be behind.
        """
        return self._believed(-1)

    @property
    def behind_at_most(self) -> timedelta:
        """By how much it is behind at the most: 0 to LONGEST_COMPENSATION, zero likewise."""
        return self._believed(+1)

    def _believed(self, side: int) -> timedelta:
        if self.offset is None or self.uncertainty is None or self.readings < AGREEING:
            return timedelta()
        behind = -self.offset + side * self.uncertainty
        return behind if timedelta() < behind <= LONGEST_COMPENSATION else timedelta()

    def in_words(self) -> str:
        """`+12 ms ± 8 ms (5 readings)`, or that it is not known."""
        if self.offset is None or self.uncertainty is None:
            return "not known"
        offset, width = _milliseconds(self.offset), _milliseconds(self.uncertainty)
        return f"{offset:+d} ms ± {width} ms ({self.readings} readings)"


class Clocks(Frozen):
    """The clocks that a booking depended on."""

    provider: ClockReading = ClockReading()
    records: ClockReading = ClockReading()
    """The database's."""
    temporal: ClockReading = ClockReading()


def _milliseconds(duration: timedelta) -> int:
    return round(duration / timedelta(milliseconds=1))
