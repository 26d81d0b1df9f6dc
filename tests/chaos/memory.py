"""How much memory everything holds as a soak goes on, without what processes share."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from bench.usage import own_mb

EVERY_S = 10.0
FEW = 8
"""Looks below which nothing can be said."""
GROWN = 1.25
"""More than this from the second quarter of a run to its last is no longer called flat."""

Pids = Callable[[], Mapping[str, Sequence[int]]]


class Memory:
    """Looks at it every few seconds.

    Args:
        pids: the processes of each part now.
    """

    def __init__(self, pids: Pids) -> None:
        self._pids = pids
        self._seen: defaultdict[str, list[float]] = defaultdict(list)

    async def watch(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.to_thread(self._look)
            await asyncio.sleep(EVERY_S)

    def lines(self) -> list[str]:
        """A line for each part: its megabytes over time, and whether they grew."""
        return [f"  {part:14} {_over_time(seen)}" for part, seen in self._seen.items()]

    def _look(self) -> None:
        for part, pids in self._pids().items():
            if held := own_mb(pids):
                self._seen[part].append(held)


def _over_time(seen: Sequence[float]) -> str:
    if len(seen) < FEW:
        return f"{seen[-1]:5.0f} MB"
    quarter = len(seen) // 4
    # The most of each quarter: how much is held between two restarts swings, and would drown it.
    parts = [max(seen[start : start + quarter]) for start in range(0, 4 * quarter, quarter)]
    _, settled, _, last = parts
    course = " -> ".join(f"{most:.0f}" for most in parts)
    return f"{course} MB: {'flat' if last < settled * GROWN else 'grows'}"
