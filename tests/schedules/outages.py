"""A Temporal that is down, shorter and longer than the catch-up window; jobs over it."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from pathlib import Path

from temporalio.client import Client, ScheduleOverlapPolicy

from console.schedules.applying import apply_schedules
from console.schedules.health import Health
from console.schedules.looking import list_schedules
from domain.recurrence import EPOCH, Every
from gateways.payload_codec import data_converter
from sandbox.programs import NAMES
from sandbox.up import Stack
from tests.eventually import eventually
from tests.schedules.ledger import Ledger, TallyOrder
from tests.schedules.tally import idle, tally_job, tally_worker
from workflows.recurring import Job

SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Scale:
    """How long everything takes."""

    every: timedelta
    """Between nominal times: more than twice what a run of them all takes."""
    window: timedelta
    """For catching up."""
    downs: tuple[timedelta, ...]
    """How long each outage is."""


AS_DECLARED = Scale(5 * SECOND, 20 * SECOND, (10 * SECOND, 40 * SECOND))
IN_SHORT = Scale(2 * SECOND, 12 * SECOND, (13.2 * SECOND,))
"""One that outlasts the window by so much that a nominal time is too old for it."""

OVERLAPS = {
    "skipping": ScheduleOverlapPolicy.SKIP,
    "buffering-one": ScheduleOverlapPolicy.BUFFER_ONE,
    "buffering-all": ScheduleOverlapPolicy.BUFFER_ALL,
}


@dataclass(frozen=True)
class Outage:
    """When Temporal was down, by our clock; it answers a moment after the end."""

    began: datetime
    ended: datetime
    missed: Mapping[str, int]
    """How many nominal times of each job Temporal says it missed by it."""


@dataclass(frozen=True)
class Course:
    """What became of one job's nominal times."""

    job: Job
    ran: list[datetime]
    """The nominal time of each of its runs, in order."""
    missed: int
    skipped: int

    def due(self, since: datetime, until: datetime) -> list[datetime]:
        """The nominal times after the first and up to the second."""
        return list(takewhile(lambda one: one <= until, self.job.when.times_after(since)))

    def left_out(self) -> list[datetime]:
        """Those between its first run and its last that did not run."""
        return [one for one in self.due(self.ran[0], self.ran[-1]) if one not in self.ran]


@dataclass(frozen=True)
class Story:
    """The outages, and what became of each job."""

    outages: tuple[Outage, ...]
    courses: Mapping[str, Course]


def played(folder: Path, scale: Scale) -> Story:
    """Run a job of each overlap policy through the outages of a Temporal of its own."""
    with Stack(folder / "temporal", without=set(NAMES) - {"temporal"}) as stack:
        return asyncio.run(_play(stack, folder, scale))


async def _play(stack: Stack, folder: Path, scale: Scale) -> Story:
    client = await Client.connect(stack.env["TEMPORAL_ADDRESS"], data_converter=data_converter())
    jobs = [_job(name, overlap, folder, scale) for name, overlap in OVERLAPS.items()]
    ledgers = {job.id: Ledger(folder / job.id) for job in jobs}
    await apply_schedules(client, jobs)

    async def all_ran_after(instant: datetime) -> None:
        await eventually(lambda: all(each.due()[-1:] > [instant] for each in ledgers.values()))

    async with tally_worker(client):
        await all_ran_after(datetime.now(UTC) - scale.every)
        outages, health = list[Outage](), await _health(client, jobs)
        for lasting in scale.downs:
            began, ended = await _down(stack, client, jobs, scale.every, lasting)
            await all_ran_after(datetime.now(UTC))
            before, health = health, await _health(client, jobs)
            missed = {name: health[name].missed - before[name].missed for name in health}
            outages.append(Outage(began, ended, missed))
    courses = {
        job.id: Course(job, ledgers[job.id].ran(), health[job.id].missed, health[job.id].skipped)
        for job in jobs
    }
    return Story(tuple(outages), courses)


async def _health(client: Client, jobs: Sequence[Job]) -> dict[str, Health]:
    return {one.id: one.health for one in await list_schedules(client, jobs)}


def _job(name: str, overlap: ScheduleOverlapPolicy, folder: Path, scale: Scale) -> Job:
    order = TallyOrder(ledger=str(folder / name))
    when = Every(scale.every)
    return tally_job(name, order, when=when, overlap=overlap, catch_up=scale.window)


async def _down(
    stack: Stack, client: Client, jobs: Sequence[Job], every: timedelta, lasting: timedelta
) -> tuple[datetime, datetime]:
    # Half-way between two nominal times nothing is at work, and nothing begins.
    past = (datetime.now(UTC) - EPOCH) % every
    await asyncio.sleep(((every * 1.5 - past) % every).total_seconds())
    for job in jobs:
        await idle(client, job.id)
    began = datetime.now(UTC)
    await asyncio.to_thread(stack.kill, "temporal")
    await asyncio.sleep(lasting.total_seconds())
    ended = datetime.now(UTC)
    await asyncio.to_thread(stack.restart, "temporal")
    return began, ended
