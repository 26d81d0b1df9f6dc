"""A program that ends around the opening, while another can take over."""

import asyncio
import os
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from bench.complaint import BenchError
from bench.opening import Opening
from bench.scenarios.scenario import Check, Figure, Finding
from bench.systems import Ground, Plan
from bench.systems.registered import Registered, Way
from bench.world import World, kill_tree
from sandbox.program import Child, Program

ARMED_BY = timedelta(seconds=8)
"""All must be armed so long before the opening: then the successor starts."""


@dataclass(frozen=True)
class Ending:
    """Ends one program at a moment, once all lanes are armed on it and the other runs.

    Attributes:
        victim: the name of the program that ends.
        number: SIGTERM goes to it alone; SIGKILL to all its processes.
        before: how long before the opening; less than zero is after it.
        successor: the program that takes over.
    """

    world: World
    victim: str
    number: signal.Signals
    before: timedelta
    successor: Callable[[], Program]

    async def __call__(
        self, opening: Opening, ids: Sequence[UUID], children: Sequence[Child]
    ) -> None:
        """Wait, end it, and let the successor live until all is done.

        Raises:
            BenchError: not all were armed in time.
        """
        while self.world.database.markers(ids) < len(ids):
            if datetime.now(UTC) > opening.at - ARMED_BY:
                raise BenchError("The lanes were not all armed in time. Run it on an idle machine.")
            await asyncio.sleep(0.2)
        victim = next(child for child in children if child.program.name == self.victim)
        with self.world.running([self.successor()]):
            at = opening.at - self.before
            await asyncio.sleep((at - datetime.now(UTC)).total_seconds())
            if self.number == signal.SIGKILL:
                kill_tree(victim.pid)
            else:
                os.kill(victim.pid, self.number)
            while self.world.database.under_way(ids):  # noqa: ASYNC110 - rows send no event
                await asyncio.sleep(0.5)
            # Nobody else may be left to tell the parents.
            await self.world.until_closed()

    async def measured(
        self, ground: Ground, plan: Plan, way: Way, limit_ms: float, name: str
    ) -> tuple[list[Check], dict[str, Figure]]:
        """One opening with it: what was promised, and its figures under that name."""
        row, detail = (await Registered(ground, plan, way, self).observe()).measured
        once = detail.bookings.get("one", 0)
        late = row.p99_ms if row.p99_ms is not None else float("inf")
        label, key = name, name.lower().replace(" ", "_")
        checks = [
            Check(
                promise=f"{label}: all {plan.n} booked exactly once",
                measured=f"{once} once, {detail.statuses}",
                kept=once == plan.n and detail.statuses == {"completed": plan.n},
            ),
            Check(
                promise=f"{label}: nothing early, p99 within {limit_ms:,.0f} ms",
                measured=f"p99 {late:,.1f} ms, earliest {row.earliest_ms} ms",
                kept=late <= limit_ms and not detail.early,
            ),
        ]
        figures: dict[str, Figure] = {f"{key}_p50_ms": row.p50_ms, f"{key}_p99_ms": row.p99_ms}
        figures |= {f"{key}_max_ms": row.max_ms, f"{key}_all_done_s": row.all_done_s}
        return checks, figures


async def told_of(
    scenario: str,
    ground: Ground,
    plan: Plan,
    way: Way,
    endings: Sequence[tuple[str, Ending, float]],
) -> Finding:
    """An opening for each, one after the other: what was promised, and its figures.

    Args:
        scenario: its name.
        ground: where.
        plan: how many.
        way: what runs, the program that ends among it.
        endings: each with its name, and the milliseconds that 99 of 100 may be late.
    """
    checks: list[Check] = []
    figures: dict[str, Figure] = {"n": plan.n}
    for name, ending, limit_ms in endings:
        ground.world.progress.begin(f"{scenario}, {name}:")
        found, measured = await ending.measured(ground, plan, way, limit_ms, name)
        checks += found
        figures |= measured
    return Finding(scenario=scenario, checks=tuple(checks), figures=figures)
