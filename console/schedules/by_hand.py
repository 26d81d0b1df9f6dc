"""The commands that steer one schedule."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from console.doors import Doors, doors_of
from console.instants import instant
from console.output import AsJson, print_json, say, utc
from console.running import FAILED, run
from console.schedules.declared import declared_job, declared_jobs
from console.schedules.steering import (
    backfill_schedule,
    pause_schedule,
    trigger_schedule,
    unpause_schedule,
)

MOST_REASON = 200

Name = Annotated[str, typer.Argument(metavar="SCHEDULE", help="Its name, such as sweep-fees.")]
Edge = Annotated[str, typer.Option(metavar="INSTANT", help="ISO 8601 with an offset.")]


def trigger(context: typer.Context, name: Name, as_json: AsJson = False) -> None:
    """Begin a run now, also of a paused schedule.

    It joins no run that is at work. Exit code 1 where none begins.

    Example:
      python starter.py schedules trigger sweep-fees
    """
    run(_trigger(doors_of(context), name, as_json))


async def _trigger(doors: Doors, name: str, as_json: bool) -> None:
    done = await trigger_schedule(await doors.temporal(), name)
    if as_json:
        print_json(done)
    elif done.run is not None:
        say(f"Begun: {done.run}")
    elif done.skipped:
        say(f"Nothing began: a run of {name} is still at work.")
    else:
        say("Asked for, but nothing began yet. Look again: python starter.py schedules list")
    if done.run is None:
        raise typer.Exit(FAILED)


def pause(
    context: typer.Context,
    name: Name,
    because: Annotated[
        str, typer.Option(help=f"Why, without names of people; at most {MOST_REASON} characters.")
    ],
    as_json: AsJson = False,
) -> None:
    """Let it begin no more runs; a run at work goes on.

    It stays paused over deploys, with its reason. What is due meanwhile is left out.

    Example:
      python starter.py schedules pause sweep-fees --because "Stripe is down"
    """
    if not 0 < len(because.strip()) <= MOST_REASON:
        raise typer.BadParameter(f"Say why in 1 to {MOST_REASON} characters.")
    run(_pause(doors_of(context), name, because.strip(), as_json))


async def _pause(doors: Doors, name: str, because: str, as_json: bool) -> None:
    await pause_schedule(await doors.temporal(), name, because)
    _report({"paused": name}, f"{name} is paused.", as_json)


def unpause(context: typer.Context, name: Name, as_json: AsJson = False) -> None:
    """Let it begin runs again.

    What was due meanwhile stays left out; backfill makes up for it.

    Example:
      python starter.py schedules unpause sweep-fees
    """
    run(_unpause(doors_of(context), name, as_json))


async def _unpause(doors: Doors, name: str, as_json: bool) -> None:
    await unpause_schedule(await doors.temporal(), name, declared_jobs())
    _report({"unpaused": name}, f"{name} runs again.", as_json)


def backfill(
    context: typer.Context, name: Name, since: Edge, until: Edge, as_json: AsJson = False
) -> None:
    """Run every nominal time of a span now, one after the other, both ends included.

    One that ran before runs once more: the same work under the same key.

    Example:
      python starter.py schedules backfill sweep-fees --since 2026-12-01T09Z --until 2026-12-01T11Z
    """
    first, last = instant(since), instant(until)
    if not first <= last <= datetime.now(UTC):
        raise typer.BadParameter("The span must not end before it begins, nor lie ahead.")
    run(_backfill(doors_of(context), name, first, last, as_json))


async def _backfill(
    doors: Doors, name: str, since: datetime, until: datetime, as_json: bool
) -> None:
    job = declared_job(name)
    done = await backfill_schedule(await doors.temporal(), job, since, until)
    first, last = utc(done.times[0]), utc(done.times[-1])
    runs = "1 run, of" if len(done.times) == 1 else f"{len(done.times)} runs, of {first} to"
    _report(done, f"Asked for {runs} {last}.", as_json)


def _report(done: object, sentence: str, as_json: bool) -> None:
    if as_json:
        print_json(done)
    else:
        say(sentence)
