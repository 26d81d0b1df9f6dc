"""The queue of a provider account in memory: who comes before whom, and when each is sent."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from domain.frozen import Frozen
from domain.pacing import Bucket, Pace, Pause
from domain.registrations import Registration

LOOKS_BACK = timedelta(minutes=10)
"""Openings and sends longer ago no longer count: a bucket that was short since then is not known
to be."""


class Place(Frozen):
    """What a registration's row holds of its place."""

    ticket: int
    """Drawn at the confirm and again when it moves; whoever comes later has a higher one."""
    rank: int | None = None
    pause_reckoned: datetime | None = None
    """The end of the account's latest pause that the claim knew of."""
    release_asked: bool = False


class Turn(NamedTuple):
    """What a registration's send time depends on, and orders by: opening, then ticket."""

    opens: datetime
    ticket: int
    sends: datetime | None


def rank_behind(ahead: Sequence[Place]) -> int:
    """The rank behind those of the same opening, in order.

    The place among those still there, raised where somebody in front holds a rank from a time
    when more were there: ranks stay unique and in the order of confirmation.
    """
    excess = [place.rank - at for at, place in enumerate(ahead, start=1) if place.rank is not None]
    return len(ahead) + 1 + max([0, *excess])


def next_send(pace: Pace, before: Sequence[Turn], not_before: datetime) -> datetime:
    """The first instant that the pace allows after those before it, in order.

    Each counts at its send time, or as early as it may where it has none.
    """
    bucket = Bucket(pace)
    for turn in before:
        if turn.sends is None:
            bucket.take(bucket.earliest(_seconds(turn.opens - not_before)))
        else:
            bucket.take(_seconds(turn.sends - not_before))
    return not_before + timedelta(seconds=bucket.earliest(0.0))


class AccountClock:
    """How one account's send times are counted, for one opening, at one moment.

    While a pause runs that concerns the opening, times are counted as if there were none, and
    put off at the end; otherwise as they come, put off where a pause met them.
    """

    def __init__(self, pause: Pause | None, opening: datetime, now: datetime) -> None:
        self.now = now
        self._pause = pause
        self._opening = opening
        self._running = pause if pause and pause.until > now and pause.until >= opening else None

    @property
    def earliest(self) -> datetime:
        """The moment from which something may still be sent, as counted."""
        return min(self.now, self._running.since) if self._running else self.now

    def counted(self, row: Registration, place: Place) -> datetime | None:
        """The row's send time, as counted."""
        sends, pause = row.send_at, self._pause
        if sends is None or pause is None or row.scheduled_time > pause.until:
            return sends
        knew = place.pause_reckoned == pause.until
        if not self._running:
            return sends if knew else pause.put_off(sends, row.scheduled_time)
        return pause.since + (sends - pause.until) if knew and sends >= pause.until else sends

    def given(self, counted: datetime) -> datetime:
        """When that is really sent."""
        return self._running.put_off(counted, self._opening) if self._running else counted


def send_time(
    row: Registration, turns: dict[UUID, Turn], pace: Pace, clock: AccountClock
) -> datetime:
    """When a row about to be claimed is sent. `turns` are of its account, its own included."""
    mine = turns[row.id]
    others = [turn for known, turn in turns.items() if known != row.id]
    ahead = sorted(turn for turn in others if turn[:2] < mine[:2])
    given = clock.given(next_send(pace, ahead, row.scheduled_time))
    if given >= clock.now:
        return given
    # Its turn is over: it goes behind everything that was given a time.
    behind = [turn for turn in others if turn.sends is not None]
    behind.sort(key=lambda turn: turn.sends or turn.opens)
    return clock.given(next_send(pace, behind, clock.earliest))


def _seconds(duration: timedelta) -> float:
    return duration.total_seconds()
