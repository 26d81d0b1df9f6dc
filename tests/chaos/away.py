"""When the organiser's system was out of reach for everybody, by one registration's fault."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

ANSWERED_WITHIN = timedelta(seconds=10)
"""A send, the quiet period after it, and the look-ups are over so long after the last marker."""


@dataclass
class Away:
    """Spans of time, as whoever ends and starts the simulator knows them."""

    spans: list[tuple[datetime, datetime]] = field(default_factory=list[tuple[datetime, datetime]])

    def add(self, since: datetime, until: datetime) -> None:
        """It may have been out of reach at any instant between the two."""
        self.spans.append((since, until))

    def met(self, first_marker: datetime | None, last_marker: datetime | None) -> bool:
        """Whether something sent under the markers may have met one, or a look-up for it."""
        if first_marker is None or last_marker is None:
            return False
        over = last_marker + ANSWERED_WITHIN
        return any(since <= over and first_marker <= until for since, until in self.spans)
