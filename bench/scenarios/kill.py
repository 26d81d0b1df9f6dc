"""A worker ends two seconds before the opening, with every lane armed on it; another runs."""

import asyncio
import os
import signal
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from bench.complaint import BenchError
from bench.opening import Opening
from bench.scenarios.scenario import Check, Figure, Finding, Scenario
from bench.systems import Ground, Plan
from bench.systems.registered import Registered
from bench.systems.signupassist import SignupAssist
from bench.world import World, kill_tree
from domain.timing import Timing
from sandbox.program import Child, Program

BEFORE = timedelta(seconds=2)
ARMED_BY = timedelta(seconds=8)
"""All must be armed so long before the opening: then the successor starts."""

LIMIT_MS = {signal.SIGKILL: 5_000.0, signal.SIGTERM: 100.0}
VICTIM = "lanes-that-end"


class TwoLaneWorkers(SignupAssist):
    """The service with its parts as programs of their own, so that lanes can be two."""

    def programs(self, world: World) -> list[Program]:
        """The workflows' worker, and the lanes that will end."""
        return [
            world.worker("workflows", ("registrations",)),
            world.worker(VICTIM, ("bookings",)),
        ]


class Killing:
    """Ends the one once the other can take over."""

    def __init__(self, world: World, number: signal.Signals) -> None:
        self._world, self._number = world, number

    async def __call__(
        self, opening: Opening, ids: Sequence[UUID], children: Sequence[Child]
    ) -> None:
        """Wait until all are armed on the one, start the other, and end the one in time."""
        while self._world.database.markers(ids) < len(ids):
            if datetime.now(UTC) > opening.at - ARMED_BY:
                raise BenchError("The lanes were not all armed in time. Run it on an idle machine.")
            await asyncio.sleep(0.2)
        victim = next(child for child in children if child.program.name == VICTIM)
        successor = self._world.worker("lanes-that-stay", ("bookings",))
        with self._world.running([successor]):
            at = opening.at - BEFORE
            await asyncio.sleep((at - datetime.now(UTC)).total_seconds())
            if self._number == signal.SIGKILL:
                kill_tree(victim.pid)
            else:
                os.kill(victim.pid, self._number)
            while self._world.database.under_way(ids):  # noqa: ASYNC110 - rows send no event
                await asyncio.sleep(0.5)


async def _play(ground: Ground, n: int, tls: bool) -> Finding:
    checks: list[Check] = []
    figures: dict[str, Figure] = {"n": n}
    for number, limit in LIMIT_MS.items():
        ground.world.progress.begin(f"kill {number.name}:")
        killing = Killing(ground.world, number)
        run = Registered(ground, Plan(n=n, tls=tls), TwoLaneWorkers(), killing)
        row, detail = (await run.observe()).measured
        once = detail.bookings.get("one", 0)
        late = row.p99_ms if row.p99_ms is not None else float("inf")
        checks += [
            Check(
                promise=f"{number.name}: all {n} booked exactly once",
                measured=f"{once} once, {detail.statuses}",
                kept=once == n and detail.statuses == {"completed": n},
            ),
            Check(
                promise=f"{number.name}: nothing early, p99 within {limit:,.0f} ms",
                measured=f"p99 {late:,.1f} ms, earliest {row.earliest_ms} ms",
                kept=late <= limit and not detail.early,
            ),
        ]
        name = number.name.lower()
        figures |= {f"{name}_p50_ms": row.p50_ms, f"{name}_p99_ms": row.p99_ms}
        figures |= {f"{name}_max_ms": row.max_ms, f"{name}_all_done_s": row.all_done_s}
    return Finding(scenario="kill", checks=tuple(checks), figures=figures)


kill = Scenario(
    name="kill",
    about="50 lanes on a worker that ends 2 s before the opening, by SIGKILL and by SIGTERM",
    play=_play,
    n=50,
    timing=Timing(longest_spread=timedelta(seconds=5)),
    accounts=lambda n: n,
)
