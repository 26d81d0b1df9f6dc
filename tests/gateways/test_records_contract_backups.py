"""What is due, and what became of it, as the database and its stand-in keep count of it."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from domain.alerts import AlertKind, NewAlert
from domain.backups import (
    Backup,
    BackupSchedule,
    BackupState,
    DueBackup,
    KeepRule,
    NewBackupSchedule,
    WrittenBackup,
    backup_alert_key,
)
from domain.errors import Conflict, RecordMissing
from gateways.protocols.records import Records

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
FIRST = datetime(2026, 3, 1, 3, tzinfo=UTC)
"""Long past, so that nobody else's schedule is due by then."""


async def scheduled(records: Records, **changes: object) -> NewBackupSchedule:
    """A schedule of one's own, first due at FIRST, then each hour."""
    fresh = NewBackupSchedule(name=f"s-{uuid4().hex[:12]}", every=HOUR, next_due_at=FIRST)
    schedule = NewBackupSchedule.model_validate({**fresh.model_dump(), **changes})
    await records.save_backup_schedule(schedule)
    return schedule


async def found(records: Records, schedule: NewBackupSchedule, at: datetime) -> list[DueBackup]:
    return [one for one in await records.due_backups(at) if one.schedule == schedule.name]


async def one_due(records: Records, schedule: NewBackupSchedule, at: datetime) -> DueBackup:
    (one,) = await found(records, schedule, at)
    return one


async def row(records: Records, backup_id: UUID) -> Backup:
    (one,) = [one for one in await records.list_backups(100_000) if one.id == backup_id]
    return one


async def shown(records: Records, schedule: NewBackupSchedule) -> BackupSchedule:
    every = await records.list_backup_schedules()
    assert [one.name for one in every] == sorted(one.name for one in every)
    (one,) = [one for one in every if one.name == schedule.name]
    return one


def written(schedule: NewBackupSchedule, attempt: str = "3f9a1c2e") -> WrittenBackup:
    return WrittenBackup(
        place=f"{schedule.name}/20260301T030000Z-{attempt}",
        taken_at=FIRST + timedelta(seconds=7, microseconds=123_457),
        rows=100_000,
        size_bytes=5_000_000_000,
        chunks=3,
        key_name="new",
    )


async def running(records: Records) -> tuple[NewBackupSchedule, DueBackup]:
    schedule = await scheduled(records)
    due = await one_due(records, schedule, FIRST)
    await records.begin_backup(due)
    return schedule, due


async def test_a_backup_becomes_due_once_at_its_time_and_waits_to_be_begun(
    records: Records,
) -> None:
    schedule = await scheduled(records)
    assert await found(records, schedule, FIRST - MINUTE) == []
    due = await one_due(records, schedule, FIRST)
    assert due.due_at == FIRST
    assert await one_due(records, schedule, FIRST + MINUTE) == due
    assert (await row(records, due.backup_id)).state is BackupState.DUE
    assert (await shown(records, schedule)).next_due_at == FIRST + HOUR


async def test_after_an_outage_the_latest_time_is_made_up_for_and_the_rhythm_stays(
    records: Records,
) -> None:
    schedule = await scheduled(records)
    due = await one_due(records, schedule, FIRST + 5 * HOUR + 20 * MINUTE)
    assert due.due_at == FIRST + 5 * HOUR
    assert (await shown(records, schedule)).next_due_at == FIRST + 6 * HOUR


async def test_one_that_nobody_began_is_skipped_for_the_next(records: Records) -> None:
    schedule = await scheduled(records)
    first = await one_due(records, schedule, FIRST)
    second = await one_due(records, schedule, FIRST + HOUR)
    assert second.due_at == FIRST + HOUR
    assert (await row(records, first.backup_id)).state is BackupState.SKIPPED


async def test_a_schedule_that_is_off_is_not_due(records: Records) -> None:
    schedule = await scheduled(records, enabled=False)
    assert await found(records, schedule, FIRST + HOUR) == []


async def test_one_that_was_begun_is_due_no_more(records: Records) -> None:
    schedule, due = await running(records)
    assert await found(records, schedule, FIRST) == []
    begun = await row(records, due.backup_id)
    assert (begun.state, begun.began_at is not None) == (BackupState.RUNNING, True)
    await records.skip_backup(due.backup_id)
    assert (await row(records, due.backup_id)).state is BackupState.RUNNING


async def test_one_that_is_skipped_is_due_no_more_but_whoever_holds_the_turn_may_begin_it(
    records: Records,
) -> None:
    schedule = await scheduled(records)
    due = await one_due(records, schedule, FIRST)
    for _ in range(2):
        await records.skip_backup(due.backup_id)
    assert await found(records, schedule, FIRST) == []
    assert (await row(records, due.backup_id)).state is BackupState.SKIPPED
    assert (await records.begin_backup(due)).state is BackupState.RUNNING


async def test_a_backup_is_written_then_verified_and_a_repeat_changes_nothing(
    records: Records,
) -> None:
    schedule, due = await running(records)
    kept = written(schedule)
    first = await records.note_backup_written(due.backup_id, kept)
    assert (first.state, first.written) == (BackupState.WRITTEN, kept)
    other = await records.note_backup_written(due.backup_id, written(schedule, "00000000"))
    assert other.written == kept
    assert (await records.begin_backup(due)).written == kept

    done = await records.note_backup_verified(due.backup_id)
    assert (done.state, done.verified_at is not None) == (BackupState.VERIFIED, True)
    assert await records.note_backup_verified(due.backup_id) == done
    await records.note_backup_failed(due.backup_id, "BackupDamaged")
    assert await row(records, due.backup_id) == done
    assert (await shown(records, schedule)).newest_taken_at == kept.taken_at


async def test_one_that_failed_says_why_and_may_be_begun_again(records: Records) -> None:
    schedule, due = await running(records)
    await records.note_backup_written(due.backup_id, written(schedule))
    for _ in range(2):
        await records.note_backup_failed(due.backup_id, "BackupDamaged")
    failed = await row(records, due.backup_id)
    assert (failed.state, failed.failure) == (BackupState.FAILED, "BackupDamaged")
    assert (await shown(records, schedule)).last_failure == "BackupDamaged"
    with pytest.raises(Conflict):
        await records.note_backup_verified(due.backup_id)

    again = await records.begin_backup(due)
    assert (again.state, again.failure, again.written) == (BackupState.RUNNING, None, None)


async def test_the_last_failure_is_forgotten_with_the_next_that_is_verified(
    records: Records,
) -> None:
    schedule, due = await running(records)
    await records.note_backup_failed(due.backup_id, "BackupUnavailable")
    next_one = await one_due(records, schedule, FIRST + HOUR)
    await records.begin_backup(next_one)
    await records.note_backup_written(next_one.backup_id, written(schedule))
    assert (await shown(records, schedule)).last_failure == "BackupUnavailable"
    await records.note_backup_verified(next_one.backup_id)
    assert (await shown(records, schedule)).last_failure is None


async def test_beginning_one_ends_what_an_earlier_run_of_its_schedule_left(
    records: Records,
) -> None:
    schedule, lost = await running(records)
    _, other = await running(records)
    next_one = await one_due(records, schedule, FIRST + HOUR)
    await records.begin_backup(next_one)
    left = await row(records, lost.backup_id)
    assert (left.state, left.failure) == (BackupState.FAILED, "interrupted")
    assert (await row(records, other.backup_id)).state is BackupState.RUNNING
    with pytest.raises(Conflict):
        await records.note_backup_written(lost.backup_id, written(schedule))


async def test_one_that_an_operator_asks_for_becomes_known_by_being_begun(
    records: Records,
) -> None:
    schedule = await scheduled(records)
    asked = DueBackup(backup_id=uuid4(), schedule=schedule.name, due_at=FIRST - MINUTE)
    assert (await records.begin_backup(asked)).state is BackupState.RUNNING
    twin = asked.model_copy(update={"backup_id": uuid4()})
    with pytest.raises(Conflict):
        await records.begin_backup(twin)
    with pytest.raises(RecordMissing):
        await records.begin_backup(twin.model_copy(update={"schedule": "nobodys"}))
    with pytest.raises(RecordMissing):
        await records.note_backup_verified(uuid4())


async def test_one_that_the_target_has_no_more_says_so(records: Records) -> None:
    schedule, due = await running(records)
    kept = written(schedule)
    await records.note_backup_written(due.backup_id, kept)
    await records.note_backup_verified(due.backup_id)
    for _ in range(2):
        await records.note_backup_removed(kept.place)
    await records.note_backup_removed("nightly/20260301T030000Z-ffffffff")
    assert (await row(records, due.backup_id)).state is BackupState.REMOVED


async def test_a_schedule_is_kept_as_it_was_saved_and_changed_by_its_name(
    records: Records,
) -> None:
    keep = KeepRule(last=1, daily=2, weekly=3, monthly=4)
    first = await scheduled(records, every=36 * HOUR, keep=keep)
    created = await shown(records, first)
    assert NewBackupSchedule.model_validate(created.model_dump()) == first
    assert (created.newest_taken_at, created.last_failure) == (None, None)
    changed = first.model_copy(update={"enabled": False, "every": timedelta(seconds=90)})
    saved = await records.save_backup_schedule(changed)
    assert saved == created.model_copy(update=changed.model_dump(include={"enabled", "every"}))


async def test_one_a_day_is_there_from_the_start(records: Records) -> None:
    nightly = next(one for one in await records.list_backup_schedules() if one.name == "nightly")
    assert (nightly.enabled, nightly.every) == (True, timedelta(days=1))
    assert (nightly.next_due_at.hour, nightly.next_due_at.minute) == (3, 0)
    assert nightly.next_due_at > datetime.now(UTC)
    assert nightly.keep == KeepRule()


async def test_the_latest_are_listed_first(records: Records) -> None:
    schedule = await scheduled(records)
    for hours in range(3):
        await records.begin_backup(await one_due(records, schedule, FIRST + hours * HOUR))
    listed = await records.list_backups(100_000)
    assert [one.due_at for one in listed] == sorted((one.due_at for one in listed), reverse=True)
    assert await records.list_backups(1) == listed[:1]


async def test_an_operator_is_told_of_a_backup_that_failed(records: Records) -> None:
    key = backup_alert_key(f"s-{uuid4().hex[:12]}")
    alert = NewAlert(key=key, kind=AlertKind.BACKUP_FAILED, sentence="It came to nothing.")
    assert (await records.raise_alert(alert)).kind is AlertKind.BACKUP_FAILED
    assert await records.settle_alert(key) is not None
