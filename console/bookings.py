"""The commands that hold all bookings back, and let them run again."""

from datetime import datetime
from typing import Annotated

import typer

from concurrency import of_each
from console.doors import Doors, doors_of
from console.instants import instant
from console.output import AsJson, print_json, print_sheet, say, utc
from console.running import run
from domain.errors import RecordRejected
from domain.refusals import refuse
from domain.service import MOST_REASON, ServiceState
from domain.states import RegistrationStatus
from gateways import Records

EVERY_ROW = 2**31 - 1

commands = typer.Typer(
    help="""Pause and resume bookings, all of them at once.

While paused nothing is claimed and nothing sent; what is armed and not yet
sent is given back. Drafts, confirms and changes go on, charges and receipts
of what is booked too. A registration whose opening passes meanwhile is booked
when bookings run again, within an hour of its opening.

Examples:
  python starter.py bookings pause --because "Bookeo announced maintenance"
  python starter.py bookings status
  python starter.py bookings resume
""",
    no_args_is_help=True,
)


@commands.command()
def pause(
    context: typer.Context,
    because: Annotated[
        str, typer.Option(help=f"Why, without names of people; at most {MOST_REASON} characters.")
    ],
    restored_from: Annotated[
        str | None,
        typer.Option(
            metavar="INSTANT",
            help="The database was restored from a backup of that instant, ISO 8601 with an "
            "offset. Bookings then wait for `python starter.py restored`.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Hold back every booking from now on. Repeating it changes nothing.

    Examples:
      python starter.py bookings pause --because "Bookeo announced maintenance"
      python starter.py bookings pause --because restore --restored-from 2026-12-01T09:00:00Z
    """
    backup = instant(restored_from) if restored_from is not None else None
    run(_pause(doors_of(context), because, backup, as_json))


async def _pause(doors: Doors, because: str, backup: datetime | None, as_json: bool) -> None:
    async with doors.records() as records:
        try:
            state = await records.pause_bookings(because, backup)
        except RecordRejected as rejected:
            raise refuse(rejected.code, str(rejected)) from rejected
        armed = await records.all_registrations(EVERY_ROW, RegistrationStatus.EXECUTING.value)
        await of_each(armed, lambda row: records.ask_release(row.id))
    _report("Bookings are paused.", state, as_json)


@commands.command()
def resume(context: typer.Context, as_json: AsJson = False) -> None:
    """Let bookings run again. Repeating it changes nothing.

    After a restore it is refused: `python starter.py restored` does it, once
    what happened since the backup has been looked for.

    Example:
      python starter.py bookings resume
    """
    run(_resume(doors_of(context), as_json))


async def _resume(doors: Doors, as_json: bool) -> None:
    async with doors.records() as records:
        state = await resumed(records)
    _report("Bookings run.", state, as_json)


async def resumed(records: Records) -> ServiceState:
    """They run.

    Raises:
        Refused: `not_reconciled`.
    """
    try:
        return await records.resume_bookings()
    except RecordRejected as rejected:
        raise refuse(
            rejected.code,
            "The database was restored, and what happened since its backup has not been looked "
            "for. Run `python starter.py restored`: it resumes bookings at its end.",
        ) from rejected


@commands.command()
def status(context: typer.Context, as_json: AsJson = False) -> None:
    """Show whether bookings run, and the last restore.

    Examples:
      python starter.py bookings status
      python starter.py bookings status --json
    """
    run(_status(doors_of(context), as_json))


async def _status(doors: Doors, as_json: bool) -> None:
    async with doors.records() as records:
        state = await records.service_state()
    _report("Bookings are paused." if state.paused else "Bookings run.", state, as_json)


def _report(sentence: str, state: ServiceState, as_json: bool) -> None:
    if as_json:
        print_json(state)
        return
    say(sentence, style="yellow" if state.paused else "green")
    print_sheet(
        {
            "Paused since": utc(state.bookings_paused_since)
            if state.bookings_paused_since
            else None,
            "Because": state.paused_because,
            "Backup of": utc(state.backup_taken_at) if state.backup_taken_at else None,
            "Restored": utc(state.restored_at) if state.restored_at else None,
            "Reconciled": utc(state.reconciled_at)
            if state.reconciled_at
            else ("not yet" if state.unreconciled else None),
        }
    )
