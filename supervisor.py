"""Keeps the parts of a program running: starts each again when it ends, and ends all in order.

`python supervisor.py PATIENCE PROGRAM PART [PART ...]` runs `python PROGRAM PART` once for each
part, as child processes that write where this process writes and that die with it, however it
dies. It imports nothing of ours and only small modules of Python's, because it stays beside its
parts for as long as they run.
"""

import json
import os
import select
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

FIRST_PAUSE, LONGEST_PAUSE = 0.1, 10.0
"""Seconds: a part that served for long is back at once; one that cannot live costs little."""
STEADY = 30.0
"""Seconds: a part that lived so long is in order, and its next pause is the first again."""
REFUSED = 2
"""The exit code of a part that cannot run in this environment: trying again changes nothing."""

PYTHON = (sys.executable, "-I", "-S")
"""Python without what only a program with packages needs."""
HERE = Path(__file__).resolve()
LEASH = (*PYTHON, str(HERE.with_name("leash.py")), str(int(signal.SIGKILL)))
"""Not SIGTERM: who kills the supervisor wants all of it gone, even a part that hangs."""


def command(program: Path, parts: Sequence[Sequence[str]], *, patience: float) -> list[str]:
    """What to run, or to become, so that these parts are kept running.

    Args:
        program: a Python program; every part is that program with other arguments.
        parts: each one's arguments.
        patience: seconds that a part may take to end when told to; then it is killed.
    """
    joined = [shlex.join(part) for part in parts]
    return [*PYTHON, str(HERE), f"{patience:g}", str(program.resolve()), *joined]


@dataclass
class Pauses:
    """How long to wait before a part starts again."""

    _next: float = FIRST_PAUSE

    def after(self, lived: float) -> float:
        """Seconds to wait, now that the part ended after it lived for so many."""
        pause = FIRST_PAUSE if lived >= STEADY else self._next
        self._next = min(2 * pause, LONGEST_PAUSE)
        return pause


@dataclass
class Part:
    """One child process after the other, all with the same arguments."""

    name: str
    argv: Sequence[str]
    pauses: Pauses = field(default_factory=Pauses)
    process: subprocess.Popen[bytes] | None = None
    starts: int = 0
    began: float = 0.0
    due: float = 0.0
    """When to start it, while it does not run."""

    def start(self, now: float) -> None:
        """Raises OSError: the machine has no room for another process."""
        self.starts, self.began = self.starts + 1, now
        self.process = subprocess.Popen([*LEASH, str(os.getpid()), *self.argv])  # noqa: S603 - our own program

    def send(self, number: int) -> None:
        """Send it that signal, if it runs."""
        if self.process is not None:
            self.process.send_signal(number)

    def end(self) -> int | None:
        """Its exit code when it has ended, told once."""
        code = self.process.poll() if self.process is not None else None
        if code is not None:
            self.process = None
        return code


class Supervisor:
    """Runs the parts until SIGTERM or SIGINT, or until one of them refuses to begin."""

    def __init__(self, parts: Sequence[Part], *, patience: float) -> None:
        self._parts = parts
        self._patience = patience
        self._told = False
        self._kill_at: float | None = None
        """When patience ends; None while all is to go on."""
        self._code = 0

    def run(self) -> int:
        """Supervise to the end; the exit code.

        0 after a stop in which every part ended in order, 1 where one did not, 2 where one
        refused its environment at its first start.
        """
        woken, wake = os.pipe()
        for pipe in (woken, wake):
            os.set_blocking(pipe, False)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGTERM, self._tell)
        signal.signal(signal.SIGINT, self._tell)
        signal.signal(signal.SIGCHLD, _only_wake)
        while True:
            now = time.monotonic()
            self._look(now)
            if self._kill_at is not None and not any(part.process for part in self._parts):
                return self._code
            select.select([woken], [], [], self._idle(now))
            with suppress(BlockingIOError):
                os.read(woken, 4096)

    def _tell(self, _number: int, _frame: object) -> None:
        # Only noted: a part may be about to start at this very moment.
        self._told = True

    def _look(self, now: float) -> None:
        if self._told:
            self._stop(now)
        for part in self._parts:
            if (code := part.end()) is not None:
                self._ended(part, code, now)
        for part in self._parts:
            if self._kill_at is None and part.process is None and now >= part.due:
                self._start(part, now)
            elif self._kill_at is not None and part.process and now >= self._kill_at:
                say("part_killed", part=part.name, after_seconds=self._patience)
                part.send(signal.SIGKILL)
                self._code = self._code or 1

    def _start(self, part: Part, now: float) -> None:
        try:
            part.start(now)
        except OSError as refused:
            part.due = now + part.pauses.after(0)
            say("part_not_started", part=part.name, why=refused.strerror)

    def _ended(self, part: Part, code: int, now: float) -> None:
        if self._kill_at is not None:
            # One that was still starting has no handler yet, and dies of the signal itself.
            in_order = code in (0, -signal.SIGTERM, -signal.SIGINT)
            self._code = self._code or int(not in_order)
        elif code == REFUSED and part.starts == 1:
            self._code = REFUSED
            self._stop(now)
        else:
            pause = part.pauses.after(now - part.began)
            part.due = now + pause
            say("part_ended", part=part.name, code=code, again_in_seconds=pause)

    def _stop(self, now: float) -> None:
        if self._kill_at is None:
            self._kill_at = now + self._patience
            for part in self._parts:
                part.send(signal.SIGTERM)

    def _idle(self, now: float) -> float | None:
        """Seconds until something is due; None where only a signal can bring something to do."""
        if self._kill_at is not None:
            return max(0.1, self._kill_at - now)
        dues = [part.due for part in self._parts if part.process is None]
        return max(0.0, min(dues) - now) if dues else None


def _only_wake(_number: int, _frame: object) -> None:
    """A signal without a handler of Python's wakes nobody."""


def say(event: str, **facts: object) -> None:
    """One line such as `logs` writes, which this process does not load."""
    now = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    about = {"event": event, "logger": "supervisor", "level": "warning"}
    line = json.dumps({**facts, **about, "timestamp": now})
    # In one write: one line among those of the parts. That nobody takes it must not end them.
    with suppress(OSError):
        os.write(sys.stdout.fileno(), f"{line}\n".encode())


def main() -> None:
    """Supervise what the arguments name."""
    patience, program, *parts = sys.argv[1:]
    wanted = [Part(text, (sys.executable, program, *shlex.split(text))) for text in parts]
    sys.exit(Supervisor(wanted, patience=float(patience)).run())


if __name__ == "__main__":
    main()
