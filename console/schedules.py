"""The commands on schedules: the recurring jobs."""

import typer

from console.doors import Doors, doors_of
from console.output import NOTHING, AsJson, print_json, print_table, say, utc
from console.running import run
from console.scheduling import Applied, Change, Listed, apply_schedules, list_schedules

commands = typer.Typer(
    help="""List and apply the schedules: the jobs that recur.

They are declared in workflows/schedules.py. Applying them makes Temporal agree
with that; one that somebody paused stays paused.

Examples:
  python starter.py schedules list
  python starter.py schedules apply
""",
    no_args_is_help=True,
)


@commands.command()
def apply(context: typer.Context, as_json: AsJson = False) -> None:
    """Create the schedules that are missing, and change those that differ.

    The deploy step does the same. It may be repeated; needs only TEMPORAL_*.

    Examples:
      python starter.py schedules apply
      python starter.py schedules apply --json
    """
    run(_apply(doors_of(context), as_json))


async def _apply(doors: Doors, as_json: bool) -> None:
    applied = await apply_schedules(await doors.temporal())
    if as_json:
        print_json(applied)
    else:
        say(in_words(applied))


def in_words(applied: list[Applied]) -> str:
    """What applying did, in a sentence or two."""
    changed = [f"{one.id} ({one.change.value})" for one in applied if one.change in _CHANGES]
    paused = [one.id for one in applied if one.paused]
    said = f"Schedules applied: {', '.join(changed) or 'none, all were there'}."
    return f"{said} Still paused: {', '.join(paused)}." if paused else said


_CHANGES = (Change.CREATED, Change.CHANGED)


@commands.command(name="list")
def list_all(context: typer.Context, as_json: AsJson = False) -> None:
    """List every schedule of the namespace, ours and others.

    A run is named after its nominal time, which is what is shown here.

    Examples:
      python starter.py schedules list
      python starter.py schedules list --json
    """
    run(_list(doors_of(context), as_json))


async def _list(doors: Doors, as_json: bool) -> None:
    found = await list_schedules(await doors.temporal())
    if as_json:
        print_json(found)
    elif found:
        _print(found)
    else:
        say("There are no schedules. Apply them: python starter.py schedules apply")


def _print(found: list[Listed]) -> None:
    print_table(
        ["Schedule", "Every", "State", "Last run (UTC)", "Next run (UTC)", "What it does"],
        [
            [
                one.id,
                one.every,
                ("paused" if one.paused else "running") + ("" if one.declared else ", not ours"),
                utc(one.last_run) if one.last_run else NOTHING,
                utc(one.next_run) if one.next_run and not one.paused else NOTHING,
                one.note,
            ]
            for one in found
        ],
    )
