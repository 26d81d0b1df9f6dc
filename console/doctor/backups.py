"""Backups: can the worker make them, and is there one that is not too old."""

from datetime import datetime, timedelta

from console.doctor.examination import Check
from console.doctor.findings import Finding, failed, passed, warned
from console.doctor.patient import Patient, Program
from console.output import utc
from domain.backups import BackupSchedule

MARGIN = timedelta(hours=1)
"""A backup may take so long, and be due a little before it is begun."""

WORKER = (Program.WORKER,)
REPAIR = "See A backup failed in docs/operations.md."
NOT_HERE = (
    "Repair it where the worker runs. If this is not its environment, name the programs that do "
    "run with it: --program."
)


async def _access(patient: Patient) -> list[Finding]:
    name = "backups.access"
    if await patient.backups.own() is None:
        return [
            warned(
                name,
                "This worker makes no backups: neither BACKUP_KEYS nor BACKUP_TARGET is set.",
                "See Backups in docs/operations.md. Where something else makes them, switch ours "
                "off: python starter.py backup schedule nightly --off",
            )
        ]
    return [passed(name, "The database lets itself be read, and the target answers.")]


async def _newest(patient: Patient) -> list[Finding]:
    report, records = await patient.health(), await patient.allowed("list_backup_schedules")
    found = await patient.answer(records.list_backup_schedules())
    any_on = any(one.enabled for one in found)
    return [judged(one, report.at, any_on=any_on) for one in found]


def judged(schedule: BackupSchedule, now: datetime, *, any_on: bool) -> Finding:
    """What is to be thought of one schedule, by how its backups stand.

    `any_on`: whether any schedule makes backups.
    """
    name, newest = f"backups.newest.{schedule.name}", schedule.newest_taken_at
    if not schedule.enabled:
        if any_on:
            return passed(name, "It is off; another makes backups.")
        return warned(
            name,
            "It is off, as is every other: no backup is made.",
            "Unless something else makes them: python starter.py backup schedule nightly --on",
        )
    since = newest or schedule.created_at
    told = f"The newest is of {utc(newest)}" if newest else "None was verified yet"
    if schedule.last_failure is not None:
        failure = f"The last one came to nothing: {schedule.last_failure}. {told}."
        return failed(name, failure, REPAIR)
    if now - since > 2 * schedule.every + MARGIN:
        return failed(name, f"{told}, and one is due every {schedule.every}.", REPAIR)
    if newest is None:
        return passed(name, f"{told}; the first is due at {utc(schedule.next_due_at)}.")
    return passed(name, f"{told}, and was read back.")


CHECKS = (
    Check("backups.access", _access, NOT_HERE, WORKER),
    Check("backups.newest", _newest, "See database here.", WORKER),
)
