"""The commands on backups."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest import mock

import pytest
from pydantic import SecretStr

from domain.backup_errors import BackupUnavailable
from domain.backups import BackupState, RestoredBackup
from gateways.protocols.backups import Progress, unwatched
from gateways.sealed_backups import SealedBackups
from tests.backups import NEW, NIGHT, Vault, backup_keys, due, vault
from tests.console.command_line import Office
from tests.mandates import seed

DAY = timedelta(days=1)
ENVIRONMENT = {
    "DATABASE_URL": "postgresql://postgres:marked@127.0.0.1:1/postgres",
    "BACKUP_KEYS": NEW,
    "BACKUP_TARGET": "folder:/backups",
}


class PutElsewhere(SealedBackups):
    """Puts nothing back, and notes what it was told to."""

    into: str | None = None

    async def restore(
        self, place: str, database_url: SecretStr, progress: Progress = unwatched
    ) -> RestoredBackup:
        del progress
        self.into = database_url.get_secret_value()
        return RestoredBackup(place=place, taken_at=NIGHT, rows=4, tables=2)


class Desk:
    """An operator's command line over a folder of backups."""

    def __init__(self, office: Office, kept: Vault) -> None:
        self.office = office
        self.kept = kept
        self.archive = PutElsewhere(kept.target, backup_keys(NEW), kept.source, patience=())
        office.doors.archive = self.archive
        self.starter = office.starter

    async def night(self, days_ago: int) -> str:
        """A backup of that night, verified; answers with its place."""
        one = due(due_at=NIGHT - days_ago * DAY)
        await self.office.records.begin_backup(one)
        written = await self.archive.write(one)
        await self.office.records.note_backup_written(one.backup_id, written)
        await self.archive.verify(written.place)
        await self.office.records.note_backup_verified(one.backup_id)
        return written.place


@pytest.fixture
async def desk(office: Office, tmp_path: Path) -> Desk:
    return Desk(office, vault(tmp_path))


@pytest.fixture(autouse=True)
def environment() -> Iterator[None]:
    with mock.patch.dict(os.environ, ENVIRONMENT):
        yield


async def test_what_is_kept_is_listed_from_the_target_newest_first(desk: Desk) -> None:
    older, newer = await desk.night(1), await desk.night(0)
    unverified = await desk.archive.write(due(due_at=NIGHT + DAY))

    shown = (await desk.starter.run("backup", "list")).stdout
    listed = await desk.starter.json("backup", "list")

    assert [one["place"] for one in listed] == [unverified.place, newer, older]
    assert [one["verified"] for one in listed] == [False, True, True]
    assert shown.index(unverified.place) < shown.index(newer) < shown.index(older)
    assert "complete, not verified" in shown


async def test_an_empty_target_says_how_to_make_the_first(desk: Desk) -> None:
    assert "backup now nightly" in (await desk.starter.run("backup", "list")).stdout


@pytest.mark.parametrize(
    ("command", "needed"),
    [
        (("list",), "BACKUP_TARGET"),
        (("verify", "newest"), "BACKUP_KEYS"),
        (("restore", "newest"), "DATABASE_URL"),
    ],
)
async def test_each_command_names_the_variable_that_it_lacks(
    desk: Desk, command: tuple[str, ...], needed: str
) -> None:
    with mock.patch.dict(os.environ):
        del os.environ[needed]
        refused = await desk.starter.run("backup", *command)
    assert refused.exit_code == 2
    assert f"{needed} is missing" in refused.stderr


async def test_a_backup_is_read_back_by_name_or_as_the_newest(desk: Desk) -> None:
    older, newer = await desk.night(1), await desk.night(0)
    assert (await desk.starter.json("backup", "verify", older))["rows"] == 4
    whole = await desk.starter.run("backup", "verify", "newest")
    assert newer in whole.stdout
    assert "It is whole." in whole.stdout


async def test_a_damaged_one_is_named_and_is_the_newest_no_longer(desk: Desk) -> None:
    older, newer = await desk.night(1), await desk.night(0)
    chunk = next((desk.kept.folder / newer).glob("*.chunk"))
    chunk.write_bytes(chunk.read_bytes()[:-1])

    refused = await desk.starter.run("backup", "verify", newer)

    assert refused.exit_code == 1
    assert "was altered" in refused.stderr
    assert (await desk.starter.json("backup", "verify", "newest"))["place"] == older


@pytest.mark.parametrize("named", ["nightly", "../../etc", "nightly/20261201T030000Z-00000000"])
async def test_a_backup_that_is_none_is_said_to_be_none(desk: Desk, named: str) -> None:
    refused = await desk.starter.run("backup", "verify", named)
    assert refused.exit_code == 1
    assert "backup" in refused.stderr


async def test_a_backup_is_put_into_the_database_that_the_environment_names(desk: Desk) -> None:
    newest = await desk.night(0)

    done = await desk.starter.run("backup", "restore", "newest")

    assert done.exit_code == 0
    assert desk.archive.into == ENVIRONMENT["DATABASE_URL"]
    assert "Restored 4 rows of 2 tables, as of 2026-12-01 03:00:00 UTC." in done.stdout
    assert "python starter.py restored" in done.stdout
    assert "marked" not in done.output
    assert (await desk.starter.json("backup", "restore", newest))["place"] == newest


async def test_a_dry_run_says_what_would_go_and_why_and_removes_nothing(desk: Desk) -> None:
    older, newer = await desk.night(1), await desk.night(0)
    await desk.starter.run(
        *("backup", "schedule", "nightly", "--keep-last", 1, "--keep-daily", 0),
        *("--keep-weekly", 0, "--keep-monthly", 0),
    )

    tried = await desk.starter.run("backup", "prune", "--dry-run")
    decided = await desk.starter.json("backup", "prune", "--dry-run")

    assert "would be removed" in tried.stdout
    assert "Nothing was removed." in tried.stdout
    assert {one["backup"]["place"]: (one["keep"], one["because"]) for one in decided} == {
        newer: (True, "the newest that was verified, last"),
        older: (False, "no rule keeps it"),
    }
    assert len(await desk.archive.stored()) == 2

    assert older in (await desk.starter.run("backup", "prune")).stdout
    assert [one.place for one in await desk.archive.stored()] == [newer]
    ended = {one.state for one in desk.office.records.backups.values()}
    assert ended == {BackupState.VERIFIED, BackupState.REMOVED}


async def test_a_target_that_is_not_listed_whole_ends_it(desk: Desk) -> None:
    await desk.night(0)
    for command in ("list", "prune"):
        desk.kept.target.script.fail_next("children", BackupUnavailable("Storage answered 503."))
        refused = await desk.starter.run("backup", command)
        assert (refused.exit_code, "503" in refused.stderr) == (1, True)
    assert len(await desk.archive.stored()) == 1


async def test_what_became_of_each_time_is_listed_latest_first(desk: Desk) -> None:
    records = desk.office.records
    place = await desk.night(1)
    failed = due(due_at=NIGHT)
    await records.begin_backup(failed)
    await records.note_backup_failed(failed.backup_id, "BackupUnavailable")

    shown = (await desk.starter.run("backup", "runs")).stdout
    listed = await desk.starter.json("backup", "runs", "--limit", 1)

    assert "failed: BackupUnavailable" in shown
    assert shown.index("failed") < shown.index(place)
    assert [one["id"] for one in listed] == [str(failed.backup_id)]


async def test_a_schedule_is_made_changed_and_switched_off(desk: Desk) -> None:
    records = desk.office.records
    made = await desk.starter.json("backup", "schedule", "hourly", "--every", 1, "--keep-last", 24)
    (hourly,) = made
    assert (hourly["every"], hourly["keep"]["last"], hourly["enabled"]) == ("PT1H", 24, True)
    assert datetime.fromisoformat(hourly["next_due_at"]) <= datetime.now(UTC)

    at = "2026-12-02T04:00:00+01:00"
    done = await desk.starter.run("backup", "schedule", "nightly", "--next-at", at, "--off")
    assert done.exit_code == 0
    nightly = records.backup_schedules["nightly"]
    assert (nightly.next_due_at, nightly.enabled) == (datetime(2026, 12, 2, 3, tzinfo=UTC), False)
    assert (nightly.every, nightly.keep.last) == (DAY, 7)

    shown = (await desk.starter.run("backup", "schedules")).stdout
    assert "24 last, 14 days, 8 weeks, 12 months" in shown
    assert "off" in shown
    assert len(await desk.starter.json("backup", "schedules")) == 2


@pytest.mark.parametrize(
    ("arguments", "exit_code", "words"),
    [
        (("schedule", "Nightly"), 1, "invalid_name"),
        (("schedule", "nightly", "--next-at", "tomorrow"), 2, "offset"),
        (("schedule", "nightly", "--every", "0"), 2, "every"),
        (("schedule", "nightly", "--keep-last", "-1"), 2, "keep-last"),
        (("now", "monthly"), 1, "no_such_schedule"),
    ],
)
async def test_what_cannot_be_is_refused_and_changes_nothing(
    desk: Desk, arguments: tuple[str, ...], exit_code: int, words: str
) -> None:
    before = dict(desk.office.records.backup_schedules)
    refused = await desk.starter.run("backup", *arguments)
    assert (refused.exit_code, words in refused.stderr) == (exit_code, True)
    assert desk.office.records.backup_schedules == before


async def test_no_command_shows_a_key_or_a_password(desk: Desk) -> None:
    place = await desk.night(0)
    said = ""
    for command in (["list"], ["verify", place], ["restore", place], ["prune"], ["runs"]):
        for form in ([], ["--json"]):
            said += (await desk.starter.run("backup", *command, *form)).output
    assert seed(22) not in said
    assert "marked" not in said
