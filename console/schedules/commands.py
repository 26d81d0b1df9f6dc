"""The commands on the table of schedules: the recurring jobs."""

from typing import Annotated

import typer

from console.doors import Doors, doors_of
from console.output import AsJson, print_json, say
from console.running import FAILED, run
from console.schedules import by_hand
from console.schedules.applying import apply_schedules, prune_schedules
from console.schedules.declared import declared_jobs
from console.schedules.linting import lint as complaints_of
from console.schedules.looking import list_schedules
from console.schedules.planning import plan_schedules
from console.schedules.words import applied_in_words, print_list, print_plan

GoBack = Annotated[
    bool, typer.Option(help="Also those of a newer release, when you went back for good.")
]

commands = typer.Typer(
    help="""List, apply and steer the schedules: the jobs that recur.

They are declared in workflows/jobs, one file each. Applying them makes Temporal
agree with that; one that somebody paused stays paused, with their reason. A
newer release's schedules are never put back by an older one.

Examples:
  python starter.py schedules list
  python starter.py schedules plan
  python starter.py schedules pause sweep-fees --because "Stripe is down"
""",
    no_args_is_help=True,
)


@commands.command()
def plan(context: typer.Context, as_json: AsJson = False) -> None:
    """Show what applying would create and change, and what is left over. Changes nothing.

    Exit code 0 whatever it shows; needs only TEMPORAL_* and BUSINESS_TIME_ZONE.

    Examples:
      python starter.py schedules plan
      python starter.py schedules plan --json
    """
    run(_plan(doors_of(context), as_json))


async def _plan(doors: Doors, as_json: bool) -> None:
    found = await plan_schedules(await doors.temporal(), declared_jobs())
    if as_json:
        print_json(found)
    else:
        print_plan(found)


@commands.command()
def apply(context: typer.Context, go_back: GoBack = False, as_json: AsJson = False) -> None:
    """Create the schedules that are missing, and change those that differ.

    The deploy step does the same, and is where it belongs. It may be repeated.
    Where a newer release applied its table it is refused.

    Examples:
      python starter.py schedules apply
      python starter.py schedules apply --json
    """
    run(_apply(doors_of(context), go_back, as_json))


async def _apply(doors: Doors, go_back: bool, as_json: bool) -> None:
    applied = await apply_schedules(await doors.temporal(), declared_jobs(), go_back=go_back)
    if as_json:
        print_json(applied)
    else:
        say(applied_in_words(applied))


@commands.command()
def prune(context: typer.Context, go_back: GoBack = False, as_json: AsJson = False) -> None:
    """Delete those of ours that this release declares no more.

    Do it when no worker of a release that did runs any more. A schedule without
    our mark is somebody else's, and stays.

    Example:
      python starter.py schedules prune
    """
    run(_prune(doors_of(context), go_back, as_json))


async def _prune(doors: Doors, go_back: bool, as_json: bool) -> None:
    pruned = await prune_schedules(await doors.temporal(), declared_jobs(), go_back=go_back)
    if as_json:
        print_json({"pruned": pruned})
    else:
        say(f"Deleted: {', '.join(pruned)}." if pruned else "Nothing is left over.")


@commands.command(name="list")
def list_all(context: typer.Context, as_json: AsJson = False) -> None:
    """List every schedule of the namespace, ours and others, and how its runs went.

    A run is named after its nominal time. Missed: too old after an outage.
    Skipped: the run before was still at work. Both count since the schedule was
    made; left out lately are nominal times between its last ten runs.

    Examples:
      python starter.py schedules list
      python starter.py schedules list --json
    """
    run(_list(doors_of(context), as_json))


async def _list(doors: Doors, as_json: bool) -> None:
    found = await list_schedules(await doors.temporal(), declared_jobs())
    if as_json:
        print_json(found)
    elif found:
        print_list(found)
    else:
        say("There are no schedules. Apply them: python starter.py schedules apply")


@commands.command()
def lint(context: typer.Context, as_json: AsJson = False) -> None:
    """Look for declared times at which a run does not begin once a day, for five years.

    Clocks that go forward skip some, clocks that go back repeat some; and Temporal
    runs some twice that lie just before, in zones ahead of UTC. Exit code 1
    where one is found; needs only BUSINESS_TIME_ZONE, and asks nobody.

    Examples:
      python starter.py schedules lint
      python starter.py schedules lint --json
    """
    doors_of(context)
    run(_lint(as_json))


async def _lint(as_json: bool) -> None:
    found = complaints_of(declared_jobs())
    if as_json:
        print_json(found)
    else:
        for one in found:
            say(one.sentence, style="red")
        if not found:
            say("At every declared time a run begins exactly once.", style="green")
    if found:
        raise typer.Exit(FAILED)


commands.command()(by_hand.trigger)
commands.command()(by_hand.pause)
commands.command()(by_hand.unpause)
commands.command()(by_hand.backfill)
