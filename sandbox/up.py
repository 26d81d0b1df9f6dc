"""The whole sandbox as one object: start it, stop it, kill parts of it."""

import fcntl
import os
import signal
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from sandbox import environment
from sandbox.complaint import SandboxError
from sandbox.data_api.install import install
from sandbox.deploy import deploy, migrate_only
from sandbox.keys import Keys
from sandbox.ports import assign
from sandbox.postgres.cluster import BACKUP, Cluster
from sandbox.private import private_folder
from sandbox.program import Child
from sandbox.programs import NAMES, PORTS, Layout, all_programs
from sandbox.start_order import State, Step, in_order
from sandbox.temporal.server import keep_ended_runs

Deploy = Callable[[Mapping[str, str]], None]
"""Brings database and Temporal up to date, given the sandbox's variables."""


def _unwatched(_name: str, _state: State, _seconds: float) -> None:
    pass


class Stack:
    """One sandbox in one data folder.

    Everything it starts dies with this process, however this process dies.

    Args:
        data: its folder; made where missing. One process at a time uses it.
        port_base: the first of its ports; None takes those of the last run, or free ones.
        without: names of programs (`NAMES`) not to start.
        deploy: what to do instead of the application's own deploy step.
        watch: told how the start goes.
    """

    def __init__(
        self,
        data: Path,
        *,
        port_base: int | None = None,
        without: Iterable[str] = (),
        deploy: Deploy | None = None,
        watch: Callable[[str, State, float], None] = _unwatched,
    ) -> None:
        """Raises SandboxError: `without` names something unknown."""
        self.data = data.resolve()
        self.without = frozenset(without)
        if unknown := self.without - set(NAMES):
            raise SandboxError(
                f"There is no program {', '.join(sorted(unknown))} to go without. "
                f"Known are: {', '.join(NAMES)}."
            )
        self._port_base = port_base
        self._deploy = deploy
        self._watch = watch
        self._children: dict[str, Child] = {}
        self._lock: TextIO | None = None
        self.env: dict[str, str] = {}
        """Every variable of sandbox.env, once started."""
        self.keys = Keys.load(private_folder(self.data))
        self.cluster: Cluster | None = None
        """The database, once started, for tests that must act as its superuser."""

    def start(self) -> None:
        """Start every program; returns when all are ready and sandbox.env is written.

        Raises:
            SandboxError: the folder is in use, a port is taken, or a program did not start;
                nothing is left running.
        """
        self._lock = _lock(self.data / "lock")
        try:
            layout = self._lay_out()
            (self.data / environment.FILE_NAME).unlink(missing_ok=True)
            in_order(self._steps(layout), self._watch)
            environment.write(self.data, self.env)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End every program, each after those that need it."""
        programs = [child.program for child in self._children.values()]
        in_order(
            [
                Step(name, tuple(p.name for p in programs if name in p.needs), child.stop)
                for name, child in self._children.items()
            ],
            _unwatched,
        )
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def restart(self, name: str) -> None:
        """End that program, if it still runs, and start it again on the same ports.

        Raises:
            SandboxError: no such program, or it did not start.
        """
        child = self._child(name)
        child.stop()
        child.start()

    def kill(self, name: str, number: int = signal.SIGKILL, *, part: str | None = None) -> None:
        """Send that program a signal. SIGKILL returns when it is gone; `restart` revives it.

        Args:
            name: of the program.
            number: the signal. SIGKILL, SIGSTOP and SIGCONT reach its child processes too.
            part: an argument of one of its child processes, such as `LANES`: that one alone.

        Raises:
            SandboxError: no such program or part, or it does not run.
        """
        self._child(name).signal(number, part)

    def pid(self, name: str, *, part: str | None = None) -> int:
        """That program's process id, or that of the child process with the argument `part`.

        Raises:
            SandboxError: no such program or part, or it does not run.
        """
        child = self._child(name)
        return child.pid if part is None else child.part(part)

    def log(self, name: str) -> Path:
        """Where that program's output goes."""
        return self._child(name).log

    def dead(self) -> dict[str, str]:
        """The programs that ended by themselves: how, with the tail of the log."""
        return {n: child.obituary() for n, child in self._children.items() if not child.alive}

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _value: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _lay_out(self) -> Layout:
        environment.refuse_foreign_database(self.without)
        keys = self.keys
        ports = assign(PORTS, self.data / "ports.json", self._port_base)
        self.cluster = Cluster(self.data / "postgres", ports["postgres"], keys)
        kept = environment.BackupHome(
            folder=private_folder(self.data / "backups"), database_url=self.cluster.url(BACKUP)
        )
        self.env = environment.variables(ports, keys, self.cluster.url(), kept)
        return Layout(self.data, ports, keys, self.cluster, self.env)

    def _steps(self, layout: Layout) -> list[Step]:
        programs = all_programs(layout)
        logs = private_folder(self.data / "logs")
        chosen = [programs[name] for name in NAMES if name not in self.without]
        self._children = {
            program.name: Child(program, logs / f"{program.name}.log") for program in chosen
        }
        steps = [Step(c.program.name, c.program.needs, c.start) for c in self._children.values()]
        if "data_api" in self._children:
            steps.append(Step("packages", (), install))
        if self._has_database():
            steps.append(Step("deploy", ("postgres", "temporal"), lambda: self._run_deploy(layout)))
        return steps

    def _has_database(self) -> bool:
        return "postgres" in self._children or "DATABASE_URL" in os.environ

    def _run_deploy(self, layout: Layout) -> None:
        has_temporal = "temporal" in self._children or "TEMPORAL_ADDRESS" in os.environ
        if self._deploy is not None:
            self._deploy(self.env)
        elif has_temporal:
            if "temporal" in self._children:
                keep_ended_runs(
                    env=environment.everybodys(),
                    port=layout.ports["temporal"],
                    namespace=self.env["TEMPORAL_NAMESPACE"],
                )
            deploy(self.env)
        else:
            migrate_only(self.env["DATABASE_URL"])
        if "postgres" in self._children:
            layout.cluster.admit_backups()

    def _child(self, name: str) -> Child:
        with suppress(KeyError):
            return self._children[name]
        raise SandboxError(f"{name} is not among the started programs.")


def _lock(file: Path) -> TextIO:
    held = file.open("w")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as taken:
        held.close()
        raise SandboxError(
            f"Another sandbox already runs in {file.parent}. End it, or choose another --data."
        ) from taken
    return held
