"""The comparison: every size, every run, every system, one after the other."""

import asyncio
import tempfile
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from bench.figures import Machine, Results
from bench.progress import Progress
from bench.saving import save
from bench.systems import SYSTEMS, Ground, Plan
from bench.systems.floor import measure_limit
from bench.world import world
from domain.frozen import Frozen
from domain.timing import Timing

SHORT_TIMING = Timing(
    lead=timedelta(seconds=8), longest_spread=timedelta(seconds=2), preparation=timedelta(seconds=2)
)
"""For the short form, which has no minutes to wait for an opening."""


class Campaign(Frozen):
    """What is to be compared."""

    systems: tuple[str, ...] = tuple(SYSTEMS)
    sizes: tuple[int, ...] = (1, 10, 100, 500, 1_000)
    runs: int = 3
    once: tuple[str, ...] = ("plain_workflow", "polling")
    """Systems that run once at each size: what sets them apart is no matter of noise."""
    tls: bool = False
    accounts: int | None = None
    """Provider accounts of each size; None: one for each registration."""
    timing: Timing = Timing()
    limit: bool = True
    """Whether the limit of machine and stand-in is measured too."""

    def plans(self) -> list[Plan]:
        """Every run, in order."""
        return [
            Plan(n=n, run=run, accounts=self.accounts, tls=self.tls)
            for n in self.sizes
            for run in range(1, self.runs + 1)
        ]

    def taking_part(self, plan: Plan) -> list[str]:
        """The systems of this run, in order."""
        chosen = [name for name in SYSTEMS if name in self.systems]
        return [name for name in chosen if plan.run == 1 or name not in self.once]


SHORT = Campaign(
    systems=("floor", "signupassist", "plain_workflow"),
    sizes=(50,),
    runs=1,
    timing=SHORT_TIMING,
    limit=False,
)


def compare(campaign: Campaign, results: Path) -> Results:
    """Measure all of it; results are written after each run, so that none is lost.

    Args:
        campaign: what.
        results: where latest.json and its companions go.

    Raises:
        SandboxError: something did not start.
        BenchError: something was too slow to be measured.
    """
    with tempfile.TemporaryDirectory(prefix="signupassist-bench-") as folder:
        return asyncio.run(_compare(campaign, Path(folder), results))


async def _compare(campaign: Campaign, folder: Path, results: Path) -> Results:
    progress = Progress()
    found = Results(machine=Machine.here())
    accounts = max(plan.spread_over for plan in campaign.plans())
    async with world(
        folder, accounts=accounts, tls=campaign.tls, timing=campaign.timing, progress=progress
    ) as place:
        ground = Ground.of(place)
        for plan in campaign.plans():
            if plan.run == 1 and campaign.limit:
                progress.begin(f"n={plan.n} limit:")
                found = found.model_copy(
                    update={"limits": (*found.limits, await measure_limit(ground, plan))}
                )
            found = await _run(campaign.taking_part(plan), ground, plan, found)
            save(found, results)
    return found


async def _run(systems: Sequence[str], ground: Ground, plan: Plan, found: Results) -> Results:
    progress = ground.world.progress
    for name in systems:
        progress.begin(f"n={plan.n} run {plan.run} {name}:")
        row, detail = await SYSTEMS[name].measure(ground, plan)
        progress.say(
            f"p50 {row.p50_ms} ms, p99 {row.p99_ms} ms, all done {row.all_done_s} s, "
            f"cpu {row.cpu_s:.1f} s"
        )
        for failure in detail.failures:
            progress.say(f"[red]{failure}[/]")
        found = found.model_copy(
            update={"rows": (*found.rows, row), "details": (*found.details, detail)}
        )
    return found
