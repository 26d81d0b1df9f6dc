"""How fast one provider account may be asked, and when its place in a queue comes."""

from datetime import timedelta

from pydantic import Field

from domain.frozen import Frozen, Instant


class Pace(Frozen):
    """What one account takes: a token bucket, a least spacing, and requests at a time.

    The defaults are this service's for Bookeo, which publishes no limits: below the one call per
    0.6 s that a production client settled on once the burst is spent.
    """

    rate_per_second: float = Field(default=3.0, gt=0, le=10_000)
    burst: int = Field(default=6, ge=1, le=10_000)
    """Requests that may follow each other at once, spacing apart, when nothing was sent before."""
    spacing: timedelta = Field(default=timedelta(milliseconds=40), ge=timedelta())
    concurrency: int = Field(default=3, ge=1, le=10_000)
    """Requests under way at a time."""

    def delay(self, rank: int) -> timedelta:
        """How long after the opening the `rank`-th of an account sends, from a full bucket.

        Args:
            rank: from 1, in the order of confirmation.
        """
        refilled = timedelta(seconds=max(0, rank - self.burst) / self.rate_per_second)
        return max((rank - 1) * self.spacing, refilled)

    @property
    def refill(self) -> timedelta:
        """How long before an opening the last other request must be, for the bucket to be full."""
        return timedelta(seconds=self.burst / self.rate_per_second)


class Bucket:
    """A token bucket as one number (GCRA). It is full at first; instants are seconds of one clock.

    Whoever is sent is counted with `take`, in the order of sending.
    """

    def __init__(self, pace: Pace) -> None:
        self._spacing = pace.spacing.total_seconds()
        self._refill = 1 / pace.rate_per_second
        self._room = (pace.burst - 1) * self._refill
        self._latest = self._full_again = float("-inf")

    def earliest(self, not_before: float) -> float:
        """The first instant from `not_before` on at which the next may be sent."""
        return max(not_before, self._latest + self._spacing, self._full_again - self._room)

    def take(self, at: float) -> None:
        """One is sent then, whether the bucket allowed it or not."""
        self._latest = max(self._latest, at)
        self._full_again = max(self._full_again, at) + self._refill


class Pause(Frozen):
    """A provider asked for quiet: everything of the account from `since` on is put off.

    What was to be sent at `send_at` is sent at `until + (send_at - since)`: later by the same
    time, so order and spacing stay.
    """

    since: Instant
    """The send time of the first request that was refused."""
    until: Instant

    def widened(self, other: "Pause") -> "Pause":
        """Both as one: from the earlier `since` to the later `until`."""
        return Pause(since=min(self.since, other.since), until=max(self.until, other.until))

    def put_off(self, send_at: Instant, opening: Instant) -> Instant:
        """When that is sent instead; itself where the pause does not concern it.

        It concerns the openings that came before its end: what was due between its end and the
        end of their queue moves too, or it would meet those that were put off.
        """
        if send_at < self.since or opening > self.until:
            return send_at
        return self.until + (send_at - self.since)


class AccountPause(Frozen):
    """The pause of one provider account."""

    provider: str
    org_ref: str
    pause: Pause
