"""Time as an activity sees it: injected, so that tests may run on a virtual clock."""

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Where "now" comes from."""

    def now(self) -> datetime:
        """The present instant, aware UTC."""
        ...

    def ahead_of_host(self) -> timedelta:
        """This clock minus the host's: zero but in tests, whose clock runs at the same speed."""
        ...


class SystemClock:
    """The host's clock."""

    def now(self) -> datetime:
        """The present instant, aware UTC."""
        return datetime.now(UTC)

    def ahead_of_host(self) -> timedelta:
        """None: it is the host's."""
        return timedelta()
