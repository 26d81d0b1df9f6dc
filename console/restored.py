"""The command that makes a restored service fit to book again."""

from typing import Annotated

import typer

from activities.clock import SystemClock
from console.doors import Doors, doors_of
from console.output import AsJson, print_json, print_sheet, print_table, say, utc
from console.reconciliation import Reckoning, Reconciliation
from console.running import run
from console.runs import Runs


def restored(
    context: typer.Context,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done, and change nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Reckon with what happened since the backup, then let bookings run again.

    For after a restore. The worker must run; bookings are paused, so it sends
    nothing. In order: every organiser's system is asked for bookings of ours
    since the backup; what may have been booked is marked, so that it is looked
    up before any send; what no registration explains is raised as an alert;
    runs that are missing, or apart from their rows, are started anew. Only when
    all of that went through do bookings run again. It may be repeated.

    Examples:
      python starter.py restored --dry-run
      python starter.py restored
    """
    run(_restored(doors_of(context), dry_run, as_json))


async def _restored(doors: Doors, dry_run: bool, as_json: bool) -> None:
    async with doors.front_door() as door:
        reckoning = await Reconciliation(
            door.records,
            door.providers,
            door.changes,
            Runs(door.temporal),
            _silently if as_json else say,
            SystemClock(),
            dry_run=dry_run,
        ).done()
    if as_json:
        print_json(reckoning)
    else:
        _print(reckoning)


def _silently(_sentence: str) -> None:
    pass


def _print(reckoning: Reckoning) -> None:
    print_sheet(
        {
            "Backup of": utc(reckoning.backup_taken_at),
            "Restored": utc(reckoning.restored_at),
            "Accounts asked": str(reckoning.accounts),
            "Keys refused by": ", ".join(reckoning.accounts_refused) or None,
            "Bookings since": str(reckoning.bookings_since),
            "To look up first": _codes(reckoning.to_look_up),
            "Runs started": _codes(reckoning.runs_started),
            "Runs replaced": _codes(reckoning.runs_replaced),
        }
    )
    if reckoning.alerts:
        print_table(
            ["Alert", "What a person must do"],
            [[alert.kind.value, alert.sentence] for alert in reckoning.alerts],
        )
    if reckoning.dry_run:
        say("Nothing was changed. Without --dry-run all of this is done.")
    elif reckoning.resumed:
        say("Reconciled. Bookings run.", style="green")


def _codes(codes: tuple[str, ...]) -> str:
    return f"{len(codes)}: {', '.join(codes)}" if codes else "none"
