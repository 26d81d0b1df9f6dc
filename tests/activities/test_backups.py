"""The steps of a backup, each attempt of which may follow another."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.backups import Backups
from activities.clock import SystemClock
from activities.retention import Retention
from domain.alerts import AlertKind
from domain.backup_errors import BackupUnavailable
from domain.backups import (
    BackupState,
    DueBackup,
    FailedBackup,
    RetentionCleanup,
    WrittenBackup,
    WrittenOrder,
)
from domain.errors import RecordsUnavailable
from gateways.fakes.records import InMemoryRecords
from gateways.no_backups import NoBackups
from tests.backups import NIGHT, Vault, due, vault


class Desk:
    """The steps over a database of a few rows."""

    def __init__(self, kept: Vault) -> None:
        self.kept = kept
        self.records = InMemoryRecords()
        self.steps = Backups(self.records, kept.archive)
        self.beats: list[tuple[Any, ...]] = []

    async def take(self, one: DueBackup) -> WrittenBackup:
        return await ActivityEnvironment().run(self.steps.take_backup, one)

    async def verify(
        self, one: DueBackup, written: WrittenBackup, so_far: tuple[Any, ...] = ()
    ) -> None:
        env = ActivityEnvironment()
        env.info = replace(env.info, heartbeat_details=so_far)
        env.on_heartbeat = lambda *details: self.beats.append(details)
        await env.run(self.steps.verify_backup, WrittenOrder(backup=one, written=written))

    def state(self, one: DueBackup) -> BackupState:
        return self.records.backups[one.backup_id].state

    def read(self) -> list[str]:
        """Which chunks were read back."""
        return [p for what, p in self.kept.target.asked if what == "get" and p.endswith("chunk")]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(vault(tmp_path))


async def test_a_backup_is_written_read_back_and_known_as_such(desk: Desk) -> None:
    one = due()
    written = await desk.take(one)
    assert desk.state(one) is BackupState.WRITTEN
    await desk.verify(one, written)
    assert desk.state(one) is BackupState.VERIFIED
    assert desk.records.backups[one.backup_id].written == written
    (stored,) = await desk.kept.archive.stored()
    assert stored.verified


async def test_an_attempt_after_one_that_broke_off_begins_anew(desk: Desk) -> None:
    one = due()
    desk.kept.source.failure = BackupUnavailable("cut off")
    with pytest.raises(ApplicationError, match="cut off"):
        await desk.take(one)
    assert desk.state(one) is BackupState.RUNNING
    desk.kept.source.failure = None
    written = await desk.take(one)
    assert (written.rows, desk.kept.source.snapshots) == (4, 2)


async def test_an_attempt_whose_answer_was_lost_is_not_made_again(desk: Desk) -> None:
    one = due()
    written = await desk.take(one)
    assert await desk.take(one) == written
    assert desk.kept.source.snapshots == 1


async def test_of_two_attempts_that_both_wrote_one_stays(desk: Desk) -> None:
    """The first was given up while it still wrote, as a worker that was cut off."""
    one = due()
    await desk.records.begin_backup(one)
    first = await desk.kept.archive.write(one)
    original = desk.kept.archive.write

    async def overtaken(*args: Any) -> WrittenBackup:
        second = await original(*args)
        await desk.records.note_backup_written(one.backup_id, first)
        return second

    desk.kept.archive.write = overtaken  # type: ignore[method-assign]

    assert await desk.take(one) == first
    assert [stored.place for stored in await desk.kept.archive.stored()] == [first.place]


async def test_reading_back_tells_how_far_it_is_and_goes_on_from_there(desk: Desk) -> None:
    one = due()
    written = await desk.take(one)
    desk.kept.target.asked.clear()
    await desk.verify(one, written, (written.place, written.chunks - 1))
    assert len(desk.read()) == 1
    assert desk.beats[0] == (written.place, written.chunks - 1)


@pytest.mark.parametrize("so_far", [(), ("nightly/20261201T030000Z-00000000", 2), (7,)])
async def test_what_another_attempt_told_of_another_backup_counts_for_nothing(
    desk: Desk, so_far: tuple[Any, ...]
) -> None:
    one = due()
    written = await desk.take(one)
    desk.kept.target.asked.clear()
    await desk.verify(one, written, so_far)
    assert len(desk.read()) == written.chunks


async def test_one_that_cannot_be_read_back_is_not_verified_and_not_tried_again(
    desk: Desk,
) -> None:
    one = due()
    written = await desk.take(one)
    chunk = next(desk.kept.folder.rglob("*.chunk"))
    chunk.write_bytes(b"something else")
    with pytest.raises(ApplicationError) as failure:
        await desk.verify(one, written)
    assert (failure.value.type, failure.value.non_retryable) == ("BackupDamaged", True)
    assert desk.state(one) is BackupState.WRITTEN


async def test_one_that_came_to_nothing_is_told_until_the_next_is_verified(desk: Desk) -> None:
    one, another = due(), due(due_at=NIGHT.replace(day=2))
    for _ in range(2):
        failed = FailedBackup(backup=one, failure="BackupUnavailable")
        await desk.records.begin_backup(one)
        await ActivityEnvironment().run(desk.steps.note_failed_backup, failed)
    (alert,) = await desk.records.open_alerts(10)
    assert (alert.kind, alert.times) == (AlertKind.BACKUP_FAILED, 2)
    assert "due on 2026-12-01 at 03:00 UTC came to nothing: BackupUnavailable" in alert.sentence

    await desk.verify(another, await desk.take(another))
    assert await desk.records.open_alerts(10) == []


async def test_a_worker_without_the_means_refuses_by_name_and_is_not_asked_again() -> None:
    records = InMemoryRecords()
    steps = Backups(records, NoBackups())
    with pytest.raises(ApplicationError, match="makes no backups") as failure:
        await ActivityEnvironment().run(steps.take_backup, due())
    assert (failure.value.type, failure.value.non_retryable) == ("BackupsNotConfigured", True)


def cleaning(desk: Desk) -> Retention:
    return Retention(desk.records, desk.kept.archive, SystemClock())


async def nights(desk: Desk, many: int) -> list[str]:
    """So many nights' backups, verified; latest first."""
    places: list[str] = []
    for day in range(1, many + 1):
        one = due(due_at=NIGHT.replace(day=day))
        await desk.verify(one, await desk.take(one))
        places.insert(0, desk.records.backups[one.backup_id].written.place)  # type: ignore[union-attr]
    return places


async def test_what_no_rule_keeps_is_removed_there_and_known_here(desk: Desk) -> None:
    nightly = desk.records.backup_schedules["nightly"]
    keep = nightly.keep.model_copy(update={"last": 2, "daily": 0, "weekly": 0, "monthly": 0})
    desk.records.backup_schedules["nightly"] = nightly.model_copy(update={"keep": keep})
    newest, second, *rest = await nights(desk, 4)

    report = await ActivityEnvironment().run(
        cleaning(desk).remove_old_backups, RetentionCleanup(schedule="nightly")
    )

    assert (report.kept, report.removed) == (2, 2)
    assert {one.place for one in await desk.kept.archive.stored()} == {newest, second}
    removed = [one for one in desk.records.backups.values() if one.state is BackupState.REMOVED]
    assert {one.written.place for one in removed if one.written} == set(rest)


@pytest.mark.parametrize("failing", ["children", "get"])
async def test_where_the_target_is_not_listed_whole_nothing_is_removed(
    desk: Desk, failing: str
) -> None:
    nightly = desk.records.backup_schedules["nightly"]
    none = nightly.keep.model_copy(update=dict.fromkeys(("last", "daily", "weekly", "monthly"), 0))
    desk.records.backup_schedules["nightly"] = nightly.model_copy(update={"keep": none})
    await nights(desk, 3)
    before = desk.kept.files()
    desk.kept.target.script.fail_next(failing, BackupUnavailable("timeout"))
    with pytest.raises(ApplicationError, match="timeout"):
        await ActivityEnvironment().run(
            cleaning(desk).remove_old_backups, RetentionCleanup(schedule="nightly")
        )
    assert desk.kept.files() == before


async def test_where_the_rules_are_not_to_be_had_nothing_is_removed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await nights(desk, 2)
    before = desk.kept.files()

    async def down() -> None:
        raise RecordsUnavailable("the data API answered 503")

    monkeypatch.setattr(desk.records, "list_backup_schedules", down)
    with pytest.raises(ApplicationError, match="503"):
        await ActivityEnvironment().run(cleaning(desk).remove_old_backups, RetentionCleanup())
    assert desk.kept.files() == before


async def test_only_the_named_schedule_is_cleaned_up(desk: Desk) -> None:
    await nights(desk, 2)
    report = await ActivityEnvironment().run(
        cleaning(desk).remove_old_backups, RetentionCleanup(schedule="hourly")
    )
    assert (report.kept, report.removed) == (0, 0)


async def test_an_operator_is_told_of_one_that_is_tried_again_and_again(desk: Desk) -> None:
    one = due()
    desk.kept.source.failure = BackupUnavailable("cut off")
    for attempt in range(1, 8):
        env = ActivityEnvironment()
        env.info = replace(env.info, attempt=attempt)
        with pytest.raises(ApplicationError):
            await env.run(desk.steps.take_backup, one)
    (alert,) = await desk.records.open_alerts(10)
    assert alert.times == 1
    assert "has not come through yet, and is tried on: BackupUnavailable" in alert.sentence
