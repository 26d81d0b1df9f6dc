"""Two workers, blue and green, with clocks seconds apart, over one schedule; killed in between."""

import asyncio
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from temporalio.client import Client, ScheduleOverlapPolicy

from console.schedules.applying import apply_schedules
from console.schedules.looking import list_schedules
from domain.recurrence import Every
from gateways.payload_codec import data_converter
from sandbox.program import ROOT
from sandbox.programs import NAMES
from sandbox.up import Stack
from supervisor import LEASH
from tests.schedules.ledger import Ledger, TallyOrder
from tests.schedules.tally import idle, tally_job

APART = {"blue": timedelta(seconds=-2), "green": timedelta(seconds=3)}
"""How far each one's clock is from the machine's."""

WORKER = ("-m", "tests.schedules.worker")
STEPS = 4
LOOK_S = 0.02


@dataclass(frozen=True)
class Pace:
    """How long everything takes."""

    every: timedelta
    step: timedelta
    """Of STEPS to a run."""
    noticed: timedelta
    """After which a worker that died is noticed."""
    fires: int
    kill_at: tuple[int, ...]
    """At which fires the worker that works on it is killed, in the middle of the run."""


IN_SHORT = Pace(
    every=timedelta(seconds=1),
    step=timedelta(milliseconds=150),
    noticed=timedelta(seconds=1),
    fires=5,
    kill_at=(1,),
)


@dataclass(frozen=True)
class Verdict:
    """What was seen."""

    faults: tuple[str, ...]
    fires: int
    killed: int
    resumed: int
    """Of the killed: whose run went on where it was."""
    repeated: int
    """Steps that were tried more than once, none of which had a second effect."""
    workers: frozenset[str]
    clocks_apart: timedelta
    """As their own entries show."""

    def __str__(self) -> str:
        said = (
            f"{self.fires} nominal times, each with {STEPS} steps, by {len(self.workers)} workers "
            f"whose clocks were {self.clocks_apart.total_seconds():g} s apart; {self.killed} "
            f"killed in the middle of a run, {self.resumed} of those runs resumed where they were, "
            f"{self.repeated} steps repeated"
        )
        if self.faults:
            return "\n".join([f"{said}. FAULTS:", *self.faults])
        return f"{said}, none with a second effect: each nominal time once."


class Workers:
    """Processes, each by its colour."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, colour: str) -> None:
        """Start it, or start it again."""
        ahead = str(APART[colour].total_seconds())
        self._running[colour] = subprocess.Popen(  # noqa: S603 - our own program
            [*LEASH, str(os.getpid()), sys.executable, *WORKER, self._address, colour, ahead],
            cwd=ROOT,
        )

    def kill(self, colour: str) -> None:
        """It is gone, and could say nothing."""
        process = self._running.pop(colour)
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=10)

    def end(self) -> None:
        """All of them."""
        for colour in list(self._running):
            self.kill(colour)


@contextmanager
def both(address: str) -> Generator[Workers]:
    """Blue and green, at work."""
    with ExitStack() as stack:
        workers = Workers(address)
        stack.callback(workers.end)
        for colour in APART:
            workers.start(colour)
        yield workers


def played(folder: Path, pace: Pace) -> Verdict:
    """Let a schedule of a Temporal of its own fire that often, and judge."""
    with Stack(folder / "temporal", without=set(NAMES) - {"temporal"}) as stack:
        return asyncio.run(_play(stack.env["TEMPORAL_ADDRESS"], folder, pace))


async def _play(address: str, folder: Path, pace: Pace) -> Verdict:
    client = await Client.connect(address, data_converter=data_converter())
    ledger = Ledger(folder / "ledger")
    order = TallyOrder(
        ledger=str(folder / "ledger"),
        steps=STEPS,
        step_seconds=pace.step.total_seconds(),
        noticed_after_seconds=pace.noticed.total_seconds(),
    )
    job = tally_job(
        "minutely",
        order,
        when=Every(pace.every),
        overlap=ScheduleOverlapPolicy.BUFFER_ALL,
        catch_up=timedelta(minutes=10),
    )
    with both(address) as workers:
        await apply_schedules(client, [job])
        due = list(islice(job.when.times_after(datetime.now(UTC)), pace.fires))
        for number in pace.kill_at:
            colour = await _at_work(ledger, due[number], pace)
            workers.kill(colour)
            workers.start(colour)
        await _all_taken(ledger, due, pace)
        (listed,) = [one for one in await list_schedules(client, [job]) if one.id == job.id]
        await _ended(client, job.id)
    killed = [due[number] for number in pace.kill_at]
    return _judged(ledger, due, killed, listed.health.missed + listed.health.skipped)


async def _ended(client: Client, name: str) -> None:
    """No run of it is at work any more, and none will be."""
    handle = client.get_schedule_handle(name)
    await handle.pause()
    await idle(client, name)
    await handle.delete()


async def _at_work(ledger: Ledger, due: datetime, pace: Pace) -> str:
    """Who is in the middle of that nominal time's run."""
    await _until(lambda: len(ledger.effects().get(due, [])) == STEPS - 1, pace)
    return ledger.worker_of(due)


async def _all_taken(ledger: Ledger, due: list[datetime], pace: Pace) -> None:
    def taken() -> bool:
        effects = ledger.effects()
        return all(len(effects.get(one, [])) == STEPS for one in due)

    await _until(taken, pace)


async def _until(holds: Callable[[], bool], pace: Pace) -> None:
    within = pace.every * (pace.fires + 2) + timedelta(seconds=60)
    async with asyncio.timeout(within.total_seconds()):
        while not holds():  # noqa: ASYNC110 - what is awaited happens in other programs
            await asyncio.sleep(LOOK_S)


def _judged(ledger: Ledger, due: list[datetime], killed: list[datetime], left_out: int) -> Verdict:
    effects, tries = ledger.effects(), ledger.tries()
    span = [one for one in effects if due[0] <= one <= due[-1]]
    whole = [*range(STEPS)]
    faults = [f"{one} had the steps {effects[one]}" for one in due if effects[one] != whole]
    faults += [f"{one} is no nominal time" for one in span if one not in due]
    faults += [f"{one} had {n} runs" for one, n in Counter(ledger.ran()).items() if n > 1]
    faults += [f"{left_out} nominal times were left out"] if left_out else []
    faults += [f"{one} began anew, its worker killed" for one in killed if tries[one, 0] != 1]
    for_nothing = set(APART) - ledger.workers()
    faults += [f"{colour} did nothing" for colour in sorted(for_nothing)]
    clocks = ledger.clocks().values()
    return Verdict(
        faults=tuple(faults),
        fires=len(due),
        killed=len(killed),
        resumed=sum(1 for one in killed if tries[one, 0] == 1),
        repeated=sum(1 for times in tries.values() if times > 1),
        workers=frozenset(ledger.workers()),
        clocks_apart=max(clocks) - min(clocks),
    )
