"""The control surfaces of everything outside that can be broken on purpose."""

import asyncio
import sys
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import httpx

from bench.world import World
from sandbox.complaint import SandboxError
from sandbox.environment import everybodys
from sandbox.ports import assign
from sandbox.probe import HOST, listens
from sandbox.program import Child, Program
from sandbox.simulator.control import SimulatorControl
from sandbox.simulator.fault_kinds import RefuseConnections
from tests.chaos.away import Away
from tests.chaos.beside import beside

KEPT_EVERY_S = 0.3
PASSES_AFTER_S = 12.0
"""A fault that bends the world for everybody is taken back then."""
OUT_OF_REACH_S = 30.0
"""At most so long is a simulator away that a fault ended, or made deaf."""

T = TypeVar("T")


@dataclass
class Outside:
    """The simulators, the mail catcher, and the way to the data API.

    Attributes:
        revivals: how often a simulator that a fault had ended was started again.
        away: when the organiser's was out of reach.
    """

    world: World
    bookeo: SimulatorControl
    stripe: SimulatorControl
    mail: httpx.AsyncClient
    data_api: httpx.AsyncClient
    proxied: str
    """The address at which the data API may be broken."""
    revivals: int = 0
    away: Away = field(default_factory=Away)
    _looked: datetime = field(default_factory=lambda: datetime.now(UTC))
    _passing: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])

    async def afflict(
        self, simulator: SimulatorControl, rule: Mapping[str, Any], *, passes: bool
    ) -> None:
        """Add a fault; one that bends the world for everybody `passes` after a while."""
        number = await _sure(lambda: simulator.add_fault(**rule))
        if simulator is self.bookeo and rule["kind"] == RefuseConnections.kind:
            since = datetime.now(UTC) + timedelta(seconds=rule["in_seconds"])
            self.away.add(since, since + timedelta(seconds=rule["seconds"]))
        if not passes:
            return

        async def pass_by() -> None:
            await asyncio.sleep(PASSES_AFTER_S)
            await _sure(lambda: simulator.clear_faults(number))

        task = asyncio.create_task(pass_by())
        self._passing.add(task)
        task.add_done_callback(self._passing.discard)

    async def keep(self) -> None:
        """Start again what a fault ended; until cancelled."""
        while True:
            with suppress(SandboxError):  # the next fault ended it before it served: once more
                await asyncio.to_thread(self._revive)
            await asyncio.sleep(KEPT_EVERY_S)

    async def calm(self) -> None:
        """Take back every fault."""
        for task in tuple(self._passing):
            task.cancel()
        for simulator in (self.bookeo, self.stripe):
            await _sure(simulator.clear_faults)

    def _revive(self) -> None:
        looked, self._looked = self._looked, datetime.now(UTC)
        if self.world.provider.revive():
            self.revivals += 1
            self.away.add(looked, datetime.now(UTC))
        if "stripe" in self.world.stack.dead():
            self.world.stack.restart("stripe")
            self.revivals += 1


@asynccontextmanager
async def outside(world: World) -> AsyncGenerator[Outside]:
    """Everything at hand, until the end of the block."""
    env = world.stack.env
    async with AsyncExitStack() as stack:
        bookeo = stack.enter_context(world.provider.control())
        stripe = stack.enter_context(
            SimulatorControl(env["STRIPE_SIM_CONTROL_URL"], env["STRIPE_SIM_CONTROL_TOKEN"])
        )
        (port,) = assign(("data_api_proxy",), world.folder / "proxy-ports.json", None).values()
        url = f"http://{HOST}:{port}"
        proxy = Child(_proxy(world, port), world.folder / "proxy.log")
        await asyncio.to_thread(proxy.start)
        stack.callback(proxy.stop)
        mail, data_api = [
            await stack.enter_async_context(
                httpx.AsyncClient(base_url=base, trust_env=False, timeout=10)
            )
            for base in (env["MAIL_CATCHER_URL"], url)
        ]
        there = Outside(world, bookeo, stripe, mail, data_api, url)
        stack.push_async_callback(there.calm)
        await stack.enter_async_context(beside(there.keep()))
        yield there


def _proxy(world: World, port: int) -> Program:
    return Program(
        name="data_api_proxy",
        argv=(sys.executable, "-m", "tests.chaos.data_api_proxy", f"--port={port}"),
        env={**everybodys(), "SUPABASE_URL": world.stack.env["SUPABASE_URL"]},
        ready=lambda: listens(port),
    )


async def _sure(ask: Callable[[], T]) -> T:
    """Its answer, once the simulator is there to answer."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + OUT_OF_REACH_S
    while True:
        try:
            return await asyncio.to_thread(ask)
        except httpx.TransportError:
            if loop.time() > deadline:
                raise
        await asyncio.sleep(KEPT_EVERY_S)
