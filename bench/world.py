"""The world that all runs of a measurement share: every server but the systems compared."""

import asyncio
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncGenerator, Callable, Generator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from bench.database import Database
from bench.progress import Progress
from bench.provider import Provider
from bench.usage import tree
from connection import Gateways, connect_temporal, open_gateways
from domain.timing import Timing
from gateways.shared_tls import shared_tls
from sandbox.environment import OWN_KEYS, of_program
from sandbox.postgres.cluster import SUPERUSER
from sandbox.probe import HOST
from sandbox.program import ROOT, Child, Program
from sandbox.programs import QUEUES
from sandbox.simulator.control import SimulatorControl
from sandbox.temporal.server import Tasks, polls
from sandbox.up import Stack
from starter import FrontDoor
from workflows.queues import MAINTENANCE

NOT_OURS = ("bookeo", "worker", "mcp", "issuer")
"""Programs of the sandbox that a measurement starts itself, or has no use for."""

NOTICE = timedelta(seconds=5)
"""Use of processors and memory is measured from so long before an opening."""

CLOSED_WITHIN_S = 180.0
"""How long the runs of one measurement may take to end before the next one begins anyway."""


@dataclass(frozen=True)
class World:
    """What a run finds."""

    folder: Path
    stack: Stack
    provider: Provider
    database: Database
    door: FrontDoor
    gateways: Gateways
    timing: Timing
    progress: Progress

    def door_with(self, timing: Timing) -> FrontDoor:
        """A front door whose registrations get another timing."""
        return FrontDoor.over(
            self.door.temporal, self.gateways, self.stack.env["PUBLIC_URL"], timing
        )

    def servers(self) -> dict[str, list[int]]:
        """The processes that every system uses, by what they are."""
        parts = {name: [self.stack.pid(name)] for name in ("temporal", "postgres", "data_api")}
        stand_ins = [self.stack.pid("stripe"), self.stack.pid("mail"), self.provider.pid]
        return {**parts, "stand_ins": stand_ins}

    def program(self, name: str, *arguments: str, ready: Callable[[], bool]) -> Program:
        """A program of ours, with the worker's environment and a metrics port of its own."""
        variables = {**self.stack.env, "METRICS_PORT": str(_free_port())}
        # Every design gets the operator's key: the others call what our worker never does.
        variables.pop(OWN_KEYS["worker"], None)
        return Program(
            name=name,
            argv=(sys.executable, *arguments),
            env=of_program("worker", variables),
            ready=ready,
        )

    def worker(self, name: str = "worker", queues: Sequence[str] = ()) -> Program:
        """`python worker.py`, ready when it asks for the work of each of its queues."""
        chosen = [part for queue in queues for part in ("--queue", queue)]
        serves = [self.polled(queue, QUEUES[queue]) for queue in queues or QUEUES]
        command = (str(ROOT / "worker.py"), *chosen)
        return self.program(name, *command, ready=lambda: all(ready() for ready in serves))

    def polled(self, queue: str, tasks: Tasks = Tasks.WORKFLOW) -> Callable[[], bool]:
        """Whether somebody has begun, from now on, to ask Temporal for work of that queue."""
        since = datetime.now(UTC)
        ui_port = urlsplit(self.stack.env["TEMPORAL_UI_URL"]).port or 80
        namespace = self.stack.env["TEMPORAL_NAMESPACE"]
        return lambda: polls(ui_port, namespace, queue, tasks, since)

    @contextmanager
    def running(self, programs: Sequence[Program]) -> Generator[list[Child]]:
        """Run them until the end of the block."""
        children = [Child(one, self.folder / f"{one.name}.log") for one in programs]
        try:
            for child in children:
                child.start()
            yield children
        finally:
            for child in children:
                child.stop()

    async def until_closed(self) -> float:
        """Wait until no registration is open; how many seconds that took, at most CLOSED_WITHIN_S.

        Sweeps do not count: while another design is at work nobody serves them.
        """
        began = time.monotonic()
        while time.monotonic() - began < CLOSED_WITHIN_S:
            running = await self.door.temporal.count_workflows(
                f"ExecutionStatus = 'Running' AND TaskQueue != '{MAINTENANCE}'"
            )
            if running.count == 0:
                break
            await asyncio.sleep(0.5)
        return time.monotonic() - began


def kill_tree(pid: int) -> None:
    """End the process and all below it at once, as a host that dies would."""
    for member in reversed(tree(pid)):
        with suppress(ProcessLookupError):
            os.kill(member, signal.SIGKILL)


@asynccontextmanager
async def world(
    folder: Path, *, accounts: int, tls: bool, timing: Timing, progress: Progress
) -> AsyncGenerator[World]:
    """Start it; everything ends with the block.

    Until then this process's environment leads to it, as that of every program it starts.

    Raises:
        SandboxError: something did not start.
    """
    progress.begin("world:")
    progress.say("starting Postgres, Temporal, the data API and the stand-ins")
    before = dict(os.environ)
    stack = Stack(folder, without=NOT_OURS)
    provider = Provider(folder, stack.keys, accounts=accounts, tls=tls)
    try:
        provider.start()
        with stack:
            os.environ.update(stack.env)
            _without_webhooks(stack.env)
            if stack.cluster is None:
                raise AssertionError("a started stack has a database")
            with Database(stack.cluster.url(SUPERUSER)) as database:
                async with open_gateways() as gateways:
                    client = await connect_temporal()
                    door = FrontDoor.over(client, gateways, stack.env["PUBLIC_URL"], timing)
                    yield World(folder, stack, provider, database, door, gateways, timing, progress)
    finally:
        provider.stop()
        os.environ.clear()
        os.environ.update(before)
        shared_tls.cache_clear()  # another world has another authority


def _without_webhooks(env: Mapping[str, str]) -> None:
    """Nobody takes them here, and sending them again and again would be measured."""
    url, token = env["STRIPE_SIM_CONTROL_URL"], env["STRIPE_SIM_CONTROL_TOKEN"]
    with SimulatorControl(url, token) as control:
        control.add_fault("webhook_loss", remaining=None)


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        return int(taken.getsockname()[1])
