"""A worker ends two seconds before the opening, with every lane armed on it; another runs."""

import signal
from datetime import timedelta

from bench.scenarios.ending import Ending
from bench.scenarios.scenario import Check, Figure, Finding, Scenario
from bench.systems import Ground, Plan
from bench.systems.signupassist import SignupAssist
from bench.world import World
from domain.timing import Timing
from sandbox.program import Program

BEFORE = timedelta(seconds=2)

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


async def _play(ground: Ground, n: int, tls: bool) -> Finding:
    checks: list[Check] = []
    figures: dict[str, Figure] = {"n": n}
    for number, limit in LIMIT_MS.items():
        ground.world.progress.begin(f"kill {number.name}:")
        ending = Ending(
            ground.world,
            VICTIM,
            number,
            BEFORE,
            lambda: ground.world.worker("lanes-that-stay", ("bookings",)),
        )
        found, measured = await ending.measured(
            ground, Plan(n=n, tls=tls), TwoLaneWorkers(), limit, number.name
        )
        checks += found
        figures |= measured
    return Finding(scenario="kill", checks=tuple(checks), figures=figures)


kill = Scenario(
    name="kill",
    about="50 lanes on a worker that ends 2 s before the opening, by SIGKILL and by SIGTERM",
    play=_play,
    n=50,
    timing=Timing(longest_spread=timedelta(seconds=5)),
    accounts=lambda n: n,
)
