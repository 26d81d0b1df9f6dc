"""The commands on the schedules of backups: when they are made, and how long they are kept."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from console.doors import Doors, doors_of
from console.instants import instant
from console.output import NOTHING, AsJson, print_json, print_table, utc
from console.running import run
from domain.backups import BackupSchedule, KeepRule, NewBackupSchedule
from domain.errors import RecordRejected
from domain.refusals import Refused, refuse
from gateways import Records

Name = Annotated[str, typer.Argument(metavar="SCHEDULE", help="The schedule's name.")]
Kept = Annotated[int | None, typer.Option(min=0, max=1000)]


def schedules(context: typer.Context, as_json: AsJson = False) -> None:
    """List when backups are made, and how long they are kept.

    One that is off makes none; what it made is kept by its rule all the same.

    Examples:
      python starter.py backup schedules
      python starter.py backup schedules --json
    """
    run(_schedules(doors_of(context), as_json))


async def _schedules(doors: Doors, as_json: bool) -> None:
    async with doors.records() as records:
        found = await records.list_backup_schedules()
    _print_schedules(found, as_json)


def schedule(
    context: typer.Context,
    name: Name,
    every: Annotated[
        float | None, typer.Option(metavar="HOURS", min=1 / 60, max=8784, help="How often.")
    ] = None,
    next_at: Annotated[
        str | None,
        typer.Option(
            metavar="INSTANT",
            help="The next time it is due, ISO 8601 with an offset; the others follow from it.",
        ),
    ] = None,
    on: Annotated[bool | None, typer.Option("--on/--off", help="Whether any is made.")] = None,
    keep_last: Kept = None,
    keep_daily: Kept = None,
    keep_weekly: Kept = None,
    keep_monthly: Kept = None,
    as_json: AsJson = False,
) -> None:
    """Create or change a schedule of backups. What is not named stays as it is.

    A new one is due every day from now on, and keeps 7 backups, the latest of
    14 days, 8 weeks and 12 months each. Days, weeks and months are counted in
    UTC, and only those that have a backup.

    Examples:
      python starter.py backup schedule nightly --next-at 2026-12-02T03:00:00Z
      python starter.py backup schedule hourly --every 1 --keep-last 24
      python starter.py backup schedule nightly --off
    """
    due = instant(next_at) if next_at is not None else None
    kept = {"last": keep_last, "daily": keep_daily, "weekly": keep_weekly, "monthly": keep_monthly}
    changes: dict[str, object] = {
        "every": timedelta(hours=every) if every is not None else None,
        "next_due_at": due,
        "enabled": on,
    }
    run(_schedule(doors_of(context), name, changes, kept, as_json))


async def _schedule(
    doors: Doors,
    name: str,
    changes: dict[str, object],
    kept: dict[str, int | None],
    as_json: bool,
) -> None:
    async with doors.records() as records:
        try:
            before: NewBackupSchedule = await known_schedule(records, name)
        except Refused:
            before = _new(name)
        rule = before.keep.model_copy(update=_given(kept))
        try:
            wanted = before.model_copy(update={**_given(changes), "keep": rule})
            saved = await records.save_backup_schedule(
                NewBackupSchedule.model_validate(wanted.model_dump())
            )
        except RecordRejected as rejected:
            raise refuse(rejected.code, str(rejected)) from rejected
    _print_schedules([saved], as_json)


def _new(name: str) -> NewBackupSchedule:
    try:
        return NewBackupSchedule(
            name=name, every=timedelta(days=1), next_due_at=datetime.now(UTC), keep=KeepRule()
        )
    except ValueError:
        raise refuse(
            "invalid_name",
            "A schedule is named with small letters, digits and dashes, 40 at most, a letter "
            "first.",
        ) from None


def _given(changes: dict[str, object] | dict[str, int | None]) -> dict[str, object]:
    return {name: value for name, value in changes.items() if value is not None}


async def known_schedule(records: Records, name: str) -> BackupSchedule:
    """The schedule of that name.

    Raises:
        Refused: `no_such_schedule`.
    """
    for one in await records.list_backup_schedules():
        if one.name == name:
            return one
    raise refuse(
        "no_such_schedule",
        f"There is no schedule {name}: see `python starter.py backup schedules`.",
    )


def _print_schedules(found: list[BackupSchedule], as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    print_table(
        ["Schedule", "Every", "Next (UTC)", "Newest verified (UTC)", "Keeps"],
        [_schedule_row(one) for one in found],
    )


def _schedule_row(one: BackupSchedule) -> list[str]:
    keep = one.keep
    return [
        one.name,
        str(one.every),
        utc(one.next_due_at) if one.enabled else "off",
        utc(one.newest_taken_at) if one.newest_taken_at else NOTHING,
        f"{keep.last} last, {keep.daily} days, {keep.weekly} weeks, {keep.monthly} months",
    ]
