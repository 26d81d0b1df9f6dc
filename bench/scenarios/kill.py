"""A worker ends two seconds before the opening, with every lane armed on it; another runs."""

import signal
from datetime import timedelta

from bench.scenarios.ending import Ending, told_of
from bench.scenarios.scenario import Finding, Scenario
from bench.systems import Ground, Plan
from bench.systems.signupassist import SignupAssist
from bench.world import World
from domain.timing import Timing
from sandbox.program import Program
from workflows.queues import BOOKINGS, LETTERS, REGISTRATIONS

BEFORE = timedelta(seconds=2)

LIMIT_MS = {signal.SIGKILL: 5_000.0, signal.SIGTERM: 100.0}
VICTIM = "lanes-that-end"


class TwoLaneWorkers(SignupAssist):
    """The service with its parts as programs of their own, so that lanes can be two."""

    def programs(self, world: World) -> list[Program]:
        """The workflows' worker, and the lanes that will end."""
        return [
            world.worker("workflows", (REGISTRATIONS, LETTERS)),
            world.worker(VICTIM, (BOOKINGS,)),
        ]


async def _play(ground: Ground, n: int, tls: bool) -> Finding:
    world = ground.world

    def successor() -> Program:
        return world.worker("lanes-that-stay", (BOOKINGS,))

    endings = [
        (number.name, Ending(world, VICTIM, number, BEFORE, successor), limit_ms)
        for number, limit_ms in LIMIT_MS.items()
    ]
    return await told_of("kill", ground, Plan(n=n, tls=tls), TwoLaneWorkers(), endings)


kill = Scenario(
    name="kill",
    about="50 lanes on a worker that ends 2 s before the opening, by SIGKILL and by SIGTERM",
    play=_play,
    n=50,
    timing=Timing(longest_spread=timedelta(seconds=5)),
    accounts=lambda n: n,
)
