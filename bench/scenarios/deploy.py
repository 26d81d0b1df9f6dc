"""A deploy over an opening: the next release's worker starts, and the one before it ends."""

import signal
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from bench.scenarios.ending import Ending, told_of
from bench.scenarios.scenario import Finding, Scenario
from bench.systems import Ground, Plan
from bench.systems.signupassist import SignupAssist
from bench.world import World
from domain.timing import Timing
from sandbox.program import Program
from workflows.queues import QUEUES

BLUE, GREEN = "blue", "green"


class Blue(SignupAssist):
    """The service with the release before, as one worker with all its parts."""

    def programs(self, world: World) -> list[Program]:
        """Only that one, at first."""
        return [world.worker(BLUE)]


@dataclass(frozen=True)
class Moment:
    """When and how blue ends, and how late a booking may then be."""

    number: signal.Signals
    before: timedelta
    limit_ms: float

    @property
    def name(self) -> str:
        """As in the results."""
        seconds = self.before.total_seconds()
        when = f"{abs(seconds):g} s {'before' if seconds > 0 else 'after'}"
        return f"{self.number.name} {when}"


MOMENTS = (
    Moment(signal.SIGTERM, timedelta(seconds=2), 100.0),
    Moment(signal.SIGKILL, timedelta(seconds=2), 5_000.0),
    Moment(signal.SIGTERM, timedelta(seconds=-1), 100.0),
    Moment(signal.SIGKILL, timedelta(seconds=-1), 100.0),
)
"""At the point of no return, with every lane armed; and a second after the opening, when all were
sent and few have their receipts."""


def green(world: World) -> Program:
    """The next release's worker. Blue asks for the same work, so that its own log tells."""
    log = world.folder / f"{GREEN}.log"
    log.unlink(missing_ok=True)
    program = world.worker(GREEN)
    return Program(
        name=program.name,
        argv=program.argv,
        env=program.env,
        ready=lambda: _serves(log),
    )


def _serves(log: Path) -> bool:
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    said = "".join(line for line in lines if "worker_ready" in line)
    return all(queue in said for queue in QUEUES)


async def _play(ground: Ground, n: int, tls: bool) -> Finding:
    world = ground.world
    endings = [
        (one.name, Ending(world, BLUE, one.number, one.before, lambda: green(world)), one.limit_ms)
        for one in MOMENTS
    ]
    return await told_of("deploy", ground, Plan(n=n, tls=tls), Blue(), endings)


deploy = Scenario(
    name="deploy",
    about="200 registrations at one opening, while the next release's worker takes over",
    play=_play,
    n=200,
    timing=Timing(longest_spread=timedelta(seconds=10)),
    accounts=lambda n: n,
)
