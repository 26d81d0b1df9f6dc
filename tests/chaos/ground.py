"""The ground of a run: the embedded world, workers that may die, and families."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psycopg
from temporalio.exceptions import TemporalError
from temporalio.runtime import LoggingConfig, Runtime, TelemetryConfig, TelemetryFilter
from temporalio.service import RPCError

from bench.families import CARD, Family, new_family
from bench.progress import Progress
from bench.world import World, world
from domain.timing import Timing
from sandbox.postgres.cluster import SUPERUSER
from starter import FrontDoor
from tests.chaos.board import Board
from tests.chaos.case import Case, asked
from tests.chaos.crew import Crew
from tests.chaos.timing import TIMING
from tests.chaos.trap_plan import TrapPlan

LEFT_BEHIND = (RPCError, TemporalError, asyncio.CancelledError)


@dataclass
class Ground:
    """What a run finds."""

    world: World
    crew: Crew
    plan: TrapPlan
    board: Board
    database: psycopg.Connection
    browser: httpx.AsyncClient
    progress: Progress
    _free: list[Family] = field(default_factory=list[Family])
    _accounts: asyncio.Queue[int] = field(default_factory=asyncio.Queue[int])

    def door(self, timing: Timing) -> FrontDoor:
        """The front door, through which registrations get that timing."""
        return self.world.door_with(timing)

    async def family(self, card: str = CARD) -> Family:
        """One with that card; those with a good one are used again."""
        if card == CARD and self._free:
            return self._free.pop()
        return await asked(lambda: new_family(self.world.door, self.browser, card))

    async def case(self, timing: Timing, card: str = CARD, capacity: int = 10) -> Case:
        """A drafted registration of a family at an account that nobody else uses now."""
        account = await self._accounts.get()
        family = await self.family(card)
        return await Case.drafted(
            world=self.world,
            door=self.door(timing),
            timing=timing,
            board=self.board,
            browser=self.browser,
            family=family,
            account=account,
            capacity=capacity,
        )

    def done_with(self, case: Case, *, again: bool) -> None:
        """Its account may serve another; so may its family, where its card is a good one."""
        self._accounts.put_nowait(case.account)
        if again:
            self._free.append(case.family)


@asynccontextmanager
async def ground(folder: Path, progress: Progress, *, accounts: int) -> AsyncGenerator[Ground]:
    """Start it; everything ends with the block.

    Args:
        folder: its data.
        progress: told how it goes.
        accounts: how many registrations can be under way at the same time.
    """
    async with AsyncExitStack() as stack:
        there = await stack.enter_async_context(
            world(folder, accounts=accounts, tls=False, timing=TIMING, progress=progress)
        )
        assert there.stack.cluster is not None
        url = there.stack.cluster.url(SUPERUSER)
        watching, judging = (
            stack.enter_context(psycopg.connect(url, autocommit=True)) for _ in range(2)
        )
        plan = folder / "traps"
        crew = Crew(folder, plan)
        stack.callback(crew.disband)
        board = Board(watching)
        keeping = asyncio.create_task(board.keep())
        stack.callback(keeping.cancel)
        browser = await stack.enter_async_context(httpx.AsyncClient(trust_env=False, timeout=30))
        free: asyncio.Queue[int] = asyncio.Queue()
        for account in range(accounts):
            free.put_nowait(account)
        yield Ground(
            world=there,
            crew=crew,
            plan=TrapPlan(plan),
            board=board,
            database=judging,
            browser=browser,
            progress=progress,
            _accounts=free,
        )


def quietly() -> None:
    """Keep the SDK from telling of each call that failed: here most do.

    Of an update that got no answer it leaves a future behind that nobody asks.
    """
    errors = LoggingConfig(TelemetryFilter(core_level="ERROR", other_level="ERROR"))
    with suppress(RuntimeError):  # one was set before
        Runtime.set_default(Runtime(telemetry=TelemetryConfig(logging=errors)))

    def unless_left_behind(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        if not isinstance(context.get("exception"), LEFT_BEHIND):
            loop.default_exception_handler(context)

    asyncio.get_running_loop().set_exception_handler(unless_left_behind)
