"""The commands on backups that are kept: list, verify, restore, prune."""

from typing import Annotated

import typer

from activities.clock import SystemClock
from activities.retention import Retention
from backup_settings import BackupSettings, MakingSettings, OpeningSettings
from console import backup_runs, backup_schedules
from console.doors import Doors, doors_of
from console.output import AsJson, print_json, print_sheet, print_table, say, utc
from console.running import run
from domain.backup_errors import BackupMissing
from domain.backups import StoredBackup, WrittenBackup
from domain.retention import Decision

commands = typer.Typer(
    help="""Make, list, verify and restore backups of the database.

The worker makes them on their schedules, encrypted, and reads each back. They
lie in BACKUP_TARGET, and are listed from there: also where the database is lost.

Examples:
  python starter.py backup list
  python starter.py backup now nightly
  python starter.py backup verify nightly/20261201T030000Z-3f9a1c2e
  python starter.py backup restore nightly/20261201T030000Z-3f9a1c2e
""",
    no_args_is_help=True,
)
commands.command()(backup_runs.now)
commands.command()(backup_runs.runs)
commands.command()(backup_schedules.schedules)
commands.command()(backup_schedules.schedule)

Place = Annotated[str, typer.Argument(metavar="BACKUP", help="As the list names it, or `newest`.")]
NEWEST = "newest"
"""Stands for the newest that was verified."""


@commands.command(name="list")
def list_all(context: typer.Context, as_json: AsJson = False) -> None:
    """List what the target keeps, newest first. Needs only BACKUP_TARGET.

    One without a manifest was never finished, or is at work. One that is not
    verified was not read back yet, or was found damaged.

    Examples:
      python starter.py backup list
      python starter.py backup list --json
    """
    run(_list(doors_of(context), as_json))


async def _list(doors: Doors, as_json: bool) -> None:
    async with doors.backups(BackupSettings) as archive:
        found = _newest_first(await archive.stored())
    if as_json:
        print_json(found)
    elif found:
        print_table(
            ["Backup", "Due (UTC)", "State"],
            [[one.place, utc(one.due_at), _state(one)] for one in found],
        )
    else:
        say("There are no backups yet. Make one: python starter.py backup now nightly")


def _newest_first(stored: tuple[StoredBackup, ...]) -> list[StoredBackup]:
    return sorted(stored, key=lambda one: (one.due_at, one.place), reverse=True)


def _state(backup: StoredBackup) -> str:
    if backup.verified:
        return "verified"
    return "complete, not verified" if backup.complete else "not finished"


@commands.command()
def verify(context: typer.Context, backup: Place, as_json: AsJson = False) -> None:
    """Read a backup back: every byte, decrypted and counted.

    Needs BACKUP_TARGET and BACKUP_KEYS. One that is damaged loses its mark, so
    that no other is removed for its sake.

    Examples:
      python starter.py backup verify newest
      python starter.py backup verify nightly/20261201T030000Z-3f9a1c2e
    """
    run(_verify(doors_of(context), backup, as_json))


async def _verify(doors: Doors, backup: str, as_json: bool) -> None:
    async with doors.backups(OpeningSettings) as archive:
        place = _chosen(await archive.stored(), backup)
        whole = await archive.verify(place)
    if as_json:
        print_json(whole)
    else:
        print_sheet(_facts(whole))
        say("It is whole.", style="green")


def _chosen(stored: tuple[StoredBackup, ...], backup: str) -> str:
    if backup != NEWEST:
        return backup
    for one in _newest_first(stored):
        if one.verified:
            return one.place
    raise BackupMissing("There is no backup that was verified.")


def _facts(backup: WrittenBackup) -> dict[str, str | None]:
    return {
        "Backup": backup.place,
        "Of": utc(backup.taken_at),
        "Rows": str(backup.rows),
        "Bytes": str(backup.size_bytes),
        "Chunks": str(backup.chunks),
        "Key": backup.key_name,
    }


@commands.command()
def restore(context: typer.Context, backup: Place, as_json: AsJson = False) -> None:
    """Put a backup into an empty database, all of it or nothing.

    DATABASE_URL is that database, as the owner of its schema; the deploy step
    of the backup's release was run on it. Needs BACKUP_TARGET and BACKUP_KEYS
    too. Bookings are paused there: start the programs, then run
    `python starter.py restored`.

    Examples:
      python starter.py backup restore newest
      python starter.py backup restore nightly/20261201T030000Z-3f9a1c2e
    """
    run(_restore(doors_of(context), backup, as_json))


async def _restore(doors: Doors, backup: str, as_json: bool) -> None:
    database_url = MakingSettings.load().database_url
    async with doors.backups(MakingSettings) as archive:
        place = _chosen(await archive.stored(), backup)
        restored = await archive.restore(place, database_url)
    if as_json:
        print_json(restored)
        return
    say(
        f"Restored {restored.rows} rows of {restored.tables} tables, as of "
        f"{utc(restored.taken_at)}.",
        style="green",
    )
    if restored.erased:
        say(f"{restored.erased} accounts were deleted since, and are so again.")
    if restored.unerased:
        say(
            f"{restored.unerased} accounts were deleted since, and this schema cannot delete them. "
            "Deploy the latest release, then run: python starter.py erasures reapply",
            style="red",
        )
    say("Bookings are paused. Start the programs, then run: python starter.py restored")


@commands.command()
def prune(
    context: typer.Context,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be removed, and remove nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Remove the backups that no rule keeps, as the worker does each night.

    The newest that was verified always stays. Where the target or the rules
    cannot be read whole, nothing is removed.

    Examples:
      python starter.py backup prune --dry-run
      python starter.py backup prune
    """
    run(_prune(doors_of(context), dry_run, as_json))


async def _prune(doors: Doors, dry_run: bool, as_json: bool) -> None:
    async with doors.backups(BackupSettings) as archive, doors.records() as records:
        retention = Retention(records, archive, SystemClock())
        decisions = await retention.decisions()
        if not dry_run:
            await retention.carry_out(decisions)
    if as_json:
        print_json(decisions)
    elif decisions:
        print_table(["Backup", "", "Because"], [_row(one, dry_run) for one in decisions])
    else:
        say("There are no backups.")
    if dry_run and not as_json:
        say("Nothing was removed. Without --dry-run it is.")


def _row(decision: Decision, dry_run: bool) -> list[str]:
    removed = "would be removed" if dry_run else "removed"
    return [decision.backup.place, "kept" if decision.keep else removed, decision.because]
