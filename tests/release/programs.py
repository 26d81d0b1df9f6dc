"""Both releases' programs in one world: blue is the previous one, green this one."""

import asyncio
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from sandbox.environment import of_program
from sandbox.probe import answers, wait_until
from sandbox.program import ROOT, Child, Program
from tests.stack.command_line import operators_environment, run, said
from tests.stack.world import World

STOPS_WITHIN = 30.0
"""Seconds."""

PARTS = 2
"""Processes of a worker, each of which says when it is ready."""

DEPLOYMENT = "drill"


class Programs:
    """What runs of either release.

    Args:
        world: without a worker and an MCP server of its own.
        blue: the folder of the previous release.
        versioned: whether green is of a deployment, and so must be promoted.
    """

    def __init__(self, world: World, blue: Path, *, versioned: bool) -> None:
        self._world = world
        self._versioned = versioned
        self._folders = {"blue": blue, "green": ROOT}
        self._workers: dict[str, Child] = {}
        self._mcp: Child | None = None

    async def start_worker(self, name: str) -> None:
        """Deploy that release, start its worker, and give it the work where it is versioned."""
        folder = self._folders[name]
        await asyncio.to_thread(deploy, folder, self._world.env)
        env = of_program("worker", self._world.env)
        promoted = self._versioned and name == "green"
        if promoted:
            env["WORKER_DEPLOYMENT"] = DEPLOYMENT
        log = self._log(name)
        program = Program(
            name=name,
            argv=(sys.executable, str(folder / "worker.py")),
            env=env,
            folder=folder,
            ready=lambda: log.read_text().count("worker_ready") >= PARTS,
        )
        self._workers[name] = Child(program, log)
        await asyncio.to_thread(self._workers[name].start)
        if promoted:
            await asyncio.to_thread(self._promote, folder)

    async def serve_chats(self, name: str) -> None:
        """By that release's MCP server from here on."""
        if self._mcp is not None:
            await asyncio.to_thread(self._mcp.stop)
        port = int(self._world.env["MCP_PORT"])
        program = Program(
            name=f"{name}-mcp",
            argv=(sys.executable, "-m", "mcp_server"),
            env=of_program("mcp", self._world.env),
            folder=self._folders[name],
            ready=lambda: answers(port, "/healthz"),
        )
        self._mcp = Child(program, self._log(program.name))
        await asyncio.to_thread(self._mcp.start)

    async def end_worker(self, name: str) -> None:
        """SIGTERM, and no more; raises AssertionError where it does not end in order."""
        worker = self._workers[name]
        worker.signal(signal.SIGTERM)
        assert await asyncio.to_thread(wait_until, lambda: not worker.alive, STOPS_WITHIN)
        assert "ended with status 0" in worker.obituary(), worker.obituary()

    def stop(self) -> None:
        """End what runs still."""
        for child in (*self._workers.values(), *filter(None, [self._mcp])):
            child.stop()

    def _promote(self, folder: Path) -> None:
        env = {**operators_environment(self._world), "WORKER_DEPLOYMENT": DEPLOYMENT}
        done = run([str(folder / "starter.py"), "release", "promote", "--wait", "30"], env)
        assert done.returncode == 0, said(done)

    def _log(self, name: str) -> Path:
        return self._world.stack.data / "logs" / f"{name}.log"


def deploy(release: Path, env: Mapping[str, str]) -> None:
    """That release's deploy step."""
    done = run([str(release / "starter.py"), "deploy"], of_program("deploy", env))
    assert done.returncode == 0, said(done)
