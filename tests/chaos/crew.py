"""The workers under test: started, seen to die or stand still, and replaced."""

import multiprocessing
import os
import signal
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from sandbox.processes import STATE, alive, stat
from tests.chaos.worker_under_test import serve
from worker import PARTS

STOPPED = ("T", "t")

# The parts of a worker are forked from a process that has loaded all they need.
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.chaos.worker_under_test"])


@dataclass
class Member:
    """One worker: a process for each of its parts, in a group of their own."""

    number: int
    group: int = 0
    """That of its processes; its number is that of the first of them."""
    parts: dict[tuple[str, ...], ForkServerProcess] = field(
        default_factory=dict[tuple[str, ...], ForkServerProcess]
    )

    @property
    def pids(self) -> list[int]:
        """Its processes that live."""
        return [one.pid for one in self.parts.values() if one.is_alive() and one.pid]

    @property
    def missing(self) -> list[tuple[str, ...]]:
        """The parts that died."""
        return [queues for queues in PARTS if queues not in self.parts or not self._lives(queues)]

    @property
    def paused(self) -> bool:
        """Whether one of its processes stands still."""
        return any(_state(pid) in STOPPED for pid in self.pids)

    def _lives(self, queues: tuple[str, ...]) -> bool:
        return self.parts[queues].is_alive()


class Crew:
    """Some workers of one run.

    Args:
        folder: for their logs.
        plan: their traps.
    """

    def __init__(self, folder: Path, plan: Path) -> None:
        self._folder = folder
        self._plan = plan
        self.env: dict[str, str] = {}
        """What their environment has other than ours."""
        self._made = 0
        self.members: list[Member] = []

    def enlist(self) -> Member:
        """Start one more worker."""
        self._made += 1
        member = Member(self._made)
        self.members.append(member)
        self.revive(member)
        return member

    def revive(self, member: Member) -> None:
        """Start those of its parts that are dead."""
        for queues in member.missing:
            group = member.group if member.pids else 0
            process = self._start(queues, member.number, group)
            member.parts[queues] = process
            member.group = group or process.pid or 0

    def dismiss(self, member: Member) -> None:
        """End it, without asking. It must leave nothing that another cannot take over."""
        self.members.remove(member)
        for pid in member.pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for process in member.parts.values():
            process.join(10)

    def wake(self, member: Member) -> None:
        """Let what stands still go on."""
        for pid in member.pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)

    def disband(self) -> None:
        """End every worker."""
        for member in tuple(self.members):
            self.dismiss(member)

    def logs(self) -> list[Path]:
        """What they wrote."""
        return sorted(self._folder.glob("worker-*.log"))

    def _start(self, queues: Sequence[str], number: int, group: int) -> ForkServerProcess:
        log = self._folder / f"worker-{number}-{queues[0]}.log"
        given = (queues, self._plan, log, group, {**os.environ, **self.env})
        process = _FORKS.Process(target=serve, args=given, daemon=True)
        process.start()
        return process


def _state(pid: int) -> str:
    told = stat(pid) if alive(pid) else []
    return told[STATE] if told else "X"
