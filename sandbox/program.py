"""One program of the sandbox, and the child process that runs it."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from sandbox.complaint import SandboxError
from sandbox.probe import wait_until
from sandbox.processes import alive, arguments, children

ROOT = Path(__file__).resolve().parent.parent
"""The repository: the programs' working folder."""
LEASH = ROOT / "leash.py"
STOP_SECONDS = 30.0
"""How long a program may take to end by itself; then it is killed. The worker takes up to 20 s
to let what is in flight finish."""
TAIL_LINES = 12
NEVER_PASSED_ON = frozenset({signal.SIGKILL, signal.SIGSTOP, signal.SIGCONT})

# The kernel ties a leash to the thread that forked, not to the process: so one thread, as old as
# the process, starts every child, whichever thread asks.
_SPAWNER = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sandbox-spawner")


def _nothing() -> None:
    pass


@dataclass(frozen=True, kw_only=True)
class Program:
    """What to run, when, and how to see that it serves."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] = field(repr=False)
    """Its whole environment."""
    ready: Callable[[], bool]
    needs: tuple[str, ...] = ()
    """Programs that must serve before this one starts."""
    prepare: Callable[[], None] = _nothing
    """Runs before each start: files, installs."""
    finish: Callable[[], None] = _nothing
    """Runs once it is ready, before those that need it start."""
    ready_seconds: float = 90.0
    """Generous: several sandboxes may start at once on a small machine."""
    stop_signal: signal.Signals = signal.SIGTERM
    death_signal: signal.Signals = signal.SIGKILL
    """What it gets when the sandbox dies."""
    folder: Path = ROOT
    """Its working folder."""


class Child:
    """A running program: dies with this process, writes to its own log."""

    def __init__(self, program: Program, log: Path) -> None:
        self.program = program
        self.log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it is ready.

        Raises:
            SandboxError: it ended, or was not ready in time; with the tail of its log.
        """
        self.program.prepare()
        process = _SPAWNER.submit(self._spawn).result()
        self._process = process
        became_ready = wait_until(
            lambda: process.poll() is not None or self.program.ready(), self.program.ready_seconds
        )
        if process.poll() is not None:
            raise SandboxError(self.obituary())
        if not became_ready:
            raise SandboxError(
                f"{self.program.name} was not ready within {self.program.ready_seconds:g} s. "
                f"The end of {self.log}:\n{self.tail()}"
            )
        self.program.finish()

    def _spawn(self) -> subprocess.Popen[bytes]:
        leash = [sys.executable, "-I", "-S", str(LEASH)]
        grip = [str(int(self.program.death_signal)), str(os.getpid())]
        with self.log.open("ab") as log:
            # A session of its own: Ctrl-C reaches the sandbox alone, which then ends all in order.
            return subprocess.Popen(  # noqa: S603 - our own table of programs
                [*leash, *grip, *self.program.argv],
                env=dict(self.program.env),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.program.folder,
                start_new_session=True,
                umask=0o077,
            )

    @property
    def alive(self) -> bool:
        """Whether the process exists."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """Its process id.

        Raises:
            SandboxError: it is not running.
        """
        if self._process is None or not self.alive:
            raise SandboxError(f"{self.program.name} is not running.")
        return self._process.pid

    def part(self, argument: str) -> int:
        """The process id of that child of it which was started with the argument.

        Raises:
            SandboxError: it is not running, or has no such child now.
        """
        for pid in children(self.pid):
            if argument in arguments(pid):
                return pid
        raise SandboxError(f"{self.program.name} has no part {argument} that runs.")

    def signal(self, number: int, part: str | None = None) -> None:
        """Send it a signal, or that part of it alone; SIGKILL returns when all it met are gone.

        What no program can pass on to its own children reaches them too.

        Raises:
            SandboxError: it is not running, or has no such part.
        """
        pid = self.pid if part is None else self.part(part)
        if part is not None or number not in NEVER_PASSED_ON:
            met = [pid]
            os.kill(pid, number)
        else:
            met = [*children(pid), pid]
            os.killpg(pid, number)
        if number == signal.SIGKILL:
            wait_until(lambda: not any(map(alive, met)), STOP_SECONDS)
            if part is None and self._process is not None:
                self._process.wait(STOP_SECONDS)

    def stop(self) -> None:
        """End it, politely first. Its own children go with it."""
        process = self._process
        if process is None:
            return
        if process.poll() is None:
            process.send_signal(self.program.stop_signal)
            with suppress(subprocess.TimeoutExpired):
                process.wait(STOP_SECONDS)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(STOP_SECONDS)

    def tail(self) -> str:
        """The last lines of its log."""
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return "\n".join(f"  {line}" for line in lines[-TAIL_LINES:]) or "  (nothing)"

    def obituary(self) -> str:
        """How it ended, with the tail of its log."""
        code = self._process.returncode if self._process is not None else None
        how = (
            f"was ended by {signal.Signals(-code).name}"
            if code is not None and code < 0
            else f"ended with status {code}"
        )
        return f"{self.program.name} {how}. The end of {self.log}:\n{self.tail()}"
