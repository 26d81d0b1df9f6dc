"""When something recurs, and at which instants that is.

A *nominal time* is an instant at which something is due by its rule, however late it is done.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import count
from zoneinfo import ZoneInfo

from domain.opening import instants_of, zone

BUSINESS = "BUSINESS_TIME_ZONE"
"""Stands in place of a zone's name until the setting of that name says which it is."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class Every:
    """At each whole multiple of an interval since 1970, UTC: no clock change touches it."""

    every: timedelta
    """At least a second."""

    def in_zone(self, business: str) -> "Every":
        """The same: an interval has no zone."""
        del business
        return self

    def times_after(self, instant: datetime) -> Iterator[datetime]:
        """Its nominal times later than that instant, without end, in order."""
        first = (instant - EPOCH) // self.every + 1
        return (EPOCH + number * self.every for number in count(first))

    def __str__(self) -> str:
        """As `every 10 min`."""
        seconds = self.every.total_seconds()
        whole_minutes = seconds >= 60 and seconds % 60 == 0  # noqa: PLR2004 - of a minute
        return f"every {seconds / 60:g} min" if whole_minutes else f"every {seconds:g} s"


@dataclass(frozen=True)
class Daily:
    """Each day, when clocks in a zone show these times."""

    at: tuple[time, ...]
    """Wall times, whole seconds."""
    zone: str = "UTC"
    """IANA name, or BUSINESS."""

    def in_zone(self, business: str) -> "Daily":
        """The same, BUSINESS being that zone."""
        return replace(self, zone=business) if self.zone == BUSINESS else self

    def times_after(self, instant: datetime) -> Iterator[datetime]:
        """Its nominal times later than that instant, without end, in order.

        A wall time that a day skips is none of it; one that a day has twice is two.

        Raises:
            Refused: `unknown_time_zone`.
        """
        place = zone(self.zone)
        # Wall times of one day may be instants of two, and clocks go back.
        today = instant.astimezone(place).date() - DAY
        last = instant
        for days in count():
            day = today + days * DAY
            walls = (datetime.combine(day, wall) for wall in self.at)
            for found in sorted(one for wall in walls for one in instants_of(wall, place)):
                if found > last:
                    last = found
                    yield found

    def __str__(self) -> str:
        """As `daily at 08:00 Europe/Berlin`."""
        return f"daily at {', '.join(f'{wall:%H:%M}' for wall in self.at)} {self.zone}"


When = Every | Daily


class Fault(StrEnum):
    """What clock changes do to a wall time."""

    SKIPPED = "skipped"
    """Clocks go forward over it: it does not come on that day. Temporal leaves it out, or, where
    they go forward by less than an hour, runs it later."""
    REPEATED = "repeated"
    """Clocks go back over it: it comes twice on that day. Temporal runs it twice, or, in zones
    ahead of UTC, at the second."""
    DOUBLED = "doubled"
    """It comes once, in a clock hour that lasts longer than one because clocks go back after it.
    In zones ahead of UTC Temporal (1.32) runs it a second time, an hour later."""


@dataclass(frozen=True)
class Unclear:
    """A wall time at which a run does not begin exactly once on some day."""

    wall: datetime
    """Naive: what clocks would show."""
    zone: str
    fault: Fault


def unclear_times(when: When, since: date, until: date) -> Iterator[Unclear]:
    """Every wall time of it that a clock change hits, from one day to another.

    Both days count. Raises Refused (`unknown_time_zone`).
    """
    if isinstance(when, Every):
        return
    place = zone(when.zone)
    for number in range((until - since).days + 1):
        for wall in when.at:
            shown = datetime.combine(since + number * DAY, wall)
            fault = _fault(shown, place)
            if fault is not None:
                yield Unclear(shown, when.zone, fault)


def _fault(shown: datetime, place: ZoneInfo) -> Fault | None:
    found = instants_of(shown, place)
    if len(found) != 1:
        return Fault.REPEATED if found else Fault.SKIPPED
    ahead = found[0].astimezone(place).utcoffset()
    if not ahead or ahead < timedelta():
        return None
    hour = shown.replace(minute=0, second=0)
    begins, ends = instants_of(hour, place), instants_of(hour + HOUR, place)
    return Fault.DOUBLED if begins and ends and ends[-1] - begins[-1] > HOUR else None
