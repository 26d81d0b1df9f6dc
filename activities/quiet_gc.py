"""No garbage is collected while something is about to fire: a collection stops everything."""

import asyncio
import gc
from collections.abc import Callable

LONGEST = 30.0
"""Seconds without a collection. What circular garbage grows meanwhile is bounded by it."""

PREFERRED = 20.0
"""Seconds after which the first gap is taken for a collection."""

GAP = 2.0
"""Seconds. A hold ends about a second after its booking, so where none ends in so many, none
fires within the next second; and a collection of a large process lasts some tenths of one."""

LOOKS = 0.25
"""Seconds between two looks for a gap."""

Schedule = Callable[[float, Callable[[], None]], object]


class QuietGarbage:
    """Holds collection off, for as long as anybody asked for it, and switches it on again.

    One per process and event loop; what it does applies to the whole process.

    Attributes:
        quiet: whether it holds collection off now.

    Args:
        loop_time: the clock, in seconds; None for that of the running loop.
        call_later: how to come back; None for that of the running loop.
    """

    def __init__(
        self,
        loop_time: Callable[[], float] | None = None,
        call_later: Schedule | None = None,
    ) -> None:
        self._given_time = loop_time
        self._given_schedule = call_later
        self._ends: list[float] = []
        self.quiet = False
        self._since = 0.0
        """When the last collection was, or the quiet began."""
        self._was_on = False

    def hold(self, seconds: float) -> None:
        """Collect nothing for so long: something fires within it, a second before its end.

        Repeatable; the latest end counts. The first of overlapping holds collects what is garbage
        already, if it is longer than GAP.
        """
        if seconds <= 0:
            return
        now = self._time()
        self._ends.append(now + seconds)
        if not self.quiet:
            self._was_on = gc.isenabled()
            gc.disable()
            if seconds > GAP:
                gc.collect()
            # Where a collection is needed before all is over, it looks at the new objects only.
            gc.freeze()
            self.quiet, self._since = True, now
            self._look_again(now)

    def release(self) -> None:
        """Let collect again at once, whoever still holds: nothing is going to fire. Repeatable."""
        self._ends.clear()
        if self.quiet:
            self.quiet = False
            gc.unfreeze()
            if self._was_on:
                gc.enable()

    def _look(self) -> None:
        now = self._time()
        self._ends = [end for end in self._ends if end > now]
        if not self._ends:
            self.release()
            return
        lasted = now - self._since
        in_gap = min(self._ends) - now > GAP
        if lasted >= LONGEST or (lasted >= PREFERRED and in_gap):
            if in_gap:
                gc.unfreeze()
            gc.collect()
            gc.freeze()
            self._since = now
        self._look_again(now)

    def _look_again(self, now: float) -> None:
        lasted = now - self._since
        bound = PREFERRED - lasted if lasted < PREFERRED else min(LOOKS, LONGEST - lasted)
        self._later(min(max(self._ends) - now, bound), self._look)

    def _time(self) -> float:
        return (self._given_time or asyncio.get_running_loop().time)()

    def _later(self, seconds: float, call: Callable[[], None]) -> None:
        (self._given_schedule or asyncio.get_running_loop().call_later)(seconds, call)
