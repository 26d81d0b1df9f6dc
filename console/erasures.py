"""The commands on accounts that were deleted."""

import typer

from backup_settings import OpeningSettings
from console.doors import Doors, doors_of
from console.output import AsJson, print_json, say
from console.running import run
from domain.frozen import Frozen

commands = typer.Typer(
    help="""Delete again who was deleted, in a database that was put back.

The job account-purge deletes accounts thirty days after their parents asked.
A copy of each wish lies in BACKUP_TARGET, beside the backups.

Examples:
  python starter.py erasures reapply
""",
    no_args_is_help=True,
)


class Reapplied(Frozen):
    """What became of the wishes that are known beside the backups."""

    known: int
    here: int
    """Of accounts that this database has."""
    erased: int
    """Of those, deleted by now; the others go on, or are waited for."""


@commands.callback()
def _commands() -> None:
    """Keep `reapply` a word of the command line although it is the only command."""


@commands.command()
def reapply(context: typer.Context, as_json: AsJson = False) -> None:
    """Apply the wishes that lie beside the backups to this database.

    `backup restore` has done so by itself. This is for a database that was
    put back by other means, such as the project's own backups: before any
    program starts. It may be repeated. Needs BACKUP_TARGET and BACKUP_KEYS.

    Examples:
      python starter.py erasures reapply
    """
    run(_reapply(doors_of(context), as_json))


async def _reapply(doors: Doors, as_json: bool) -> None:
    async with doors.backups(OpeningSettings) as archive, doors.records() as records:
        logged = await archive.logged_erasures()
        applied = [await records.reapply_erasure(one) for one in logged]
    here = [one for one in applied if one is not None]
    done = Reapplied(
        known=len(logged), here=len(here), erased=sum(one.erased_at is not None for one in here)
    )
    if as_json:
        print_json(done)
        return
    say(f"{done.known} wishes are known, {done.here} of accounts that are here.")
    say(f"{done.erased} of them are deleted.", style="green")
