"""Looking at processes from outside, through Linux's /proc."""

from pathlib import Path

STATE, PARENT = 0, 1
"""Places in what `stat` tells."""


def children(pid: int) -> list[int]:
    """The process ids of its children; none where it is gone.

    Every process is asked for its parent: the kernel's own list of children leaves some out while
    others of them end (proc(5)).
    """
    return [one for one in everybody() if stat(one)[PARENT : PARENT + 1] == [str(pid)]]


def everybody() -> list[int]:
    """The process ids of all that run now."""
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal()]


def stat(pid: int) -> list[str]:
    """What /proc/PID/stat tells after the program's name (proc(5)); nothing where it is gone."""
    try:
        # The name, in brackets, may itself hold brackets and spaces.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def own_pages(pid: int) -> int:
    """How many of its resident pages no file and no other process shares (proc(5)); 0 where it is
    gone.
    """
    try:
        _, resident, shared, *_ = Path(f"/proc/{pid}/statm").read_text().split()
    except OSError:
        return 0
    return int(resident) - int(shared)


def arguments(pid: int) -> list[str]:
    """What it was started with, the program included; nothing where it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().split("\0")[:-1]
    except (FileNotFoundError, ProcessLookupError):
        return []


def alive(pid: int) -> bool:
    """Whether a thread of it runs: a process that nobody has buried yet is not alive."""
    try:
        stats = [(task / "stat").read_text() for task in Path(f"/proc/{pid}/task").iterdir()]
    except (FileNotFoundError, ProcessLookupError):
        # It was ending as we looked; where only a thread was, the others are seen the next time.
        return Path(f"/proc/{pid}").exists()
    return any(stat.rpartition(")")[2].split()[0] not in "ZX" for stat in stats)
