"""What processes use, as the kernel counts it."""

import os
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sandbox.processes import PARENT, everybody, own_pages, stat

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
MEGABYTE = 1_000_000

CPU_TIMES, PAGES = slice(11, 15), 21
"""Places in what `stat` tells: user and system time, the same of children that ended, and resident
pages."""


class _Process(NamedTuple):
    parent: int
    cpu_s: float
    rss_mb: float


class Usage(NamedTuple):
    """Of a program and all processes below it."""

    cpu_s: float
    """Seconds on a processor since it began; children that ended included."""
    rss_mb: float
    """Resident now, in millions of bytes; pages that two processes share count twice."""


def usage(pids: Iterable[int]) -> Usage:
    """What these programs use together; one that has ended counts nothing."""
    table = _processes()
    found = [table[pid] for pid in _members(pids, table) if pid in table]
    return Usage(sum(one.cpu_s for one in found), sum(one.rss_mb for one in found))


def own_mb(pids: Iterable[int]) -> float:
    """What these programs hold that no file and no other process shares, in millions of bytes.

    A database's buffers are shared: as resident memory they count for each process that read them.
    """
    return sum(map(own_pages, _members(pids, _processes()))) * PAGE_BYTES / MEGABYTE


class Meter:
    """The processor time of several parts between two readings, and the most memory seen.

    Args:
        parts: process ids by part; what the processes start counts too.
    """

    def __init__(self, parts: Mapping[str, Iterable[int]]) -> None:
        self._parts = {name: tuple(pids) for name, pids in parts.items()}
        self._began = {name: usage(pids).cpu_s for name, pids in self._parts.items()}
        self._most = dict.fromkeys(self._parts, 0.0)

    def look(self) -> None:
        """Notice how much memory is resident now."""
        for name, pids in self._parts.items():
            self._most[name] = max(self._most[name], usage(pids).rss_mb)

    def cpu_s(self) -> dict[str, float]:
        """Seconds on a processor by part, since the meter was made."""
        return {
            name: round(usage(pids).cpu_s - self._began[name], 3)
            for name, pids in self._parts.items()
        }

    def rss_mb(self, part: str) -> float:
        """The most memory that was resident at a look."""
        return round(self._most[part], 1)


def tree(root: int) -> list[int]:
    """The process and every one below it."""
    return _tree(root, _processes())


def _members(roots: Iterable[int], table: Mapping[int, _Process]) -> set[int]:
    return {pid for root in roots for pid in _tree(root, table)}


def _tree(root: int, table: Mapping[int, _Process]) -> list[int]:
    found = [root]
    for parent in found:
        found.extend(pid for pid, process in table.items() if process.parent == parent)
    return found


def _processes() -> dict[int, _Process]:
    found: dict[int, _Process] = {}
    for pid in everybody():
        fields = stat(pid)
        if not fields:
            continue  # it ended meanwhile
        found[pid] = _Process(
            parent=int(fields[PARENT]),
            cpu_s=sum(map(int, fields[CPU_TIMES])) / TICKS_PER_SECOND,
            rss_mb=int(fields[PAGES]) * PAGE_BYTES / MEGABYTE,
        )
    return found
