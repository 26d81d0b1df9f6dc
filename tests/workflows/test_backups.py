"""Backups from the check that finds them due to the removal of what they replace."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from temporalio.client import (
    ScheduleBackfill,
    ScheduleOverlapPolicy,
    ScheduleState,
    WorkflowFailureError,
)
from temporalio.testing import WorkflowEnvironment

from domain.alerts import AlertKind
from domain.backup_errors import BackupMissing, BackupUnavailable
from domain.backups import BackupState, CheckReport, DueBackup, KeepRule, RetentionReport
from gateways.fakes.records import InMemoryRecords
from tests.backups import Vault, vault
from tests.eventually import eventually
from tests.workflows.backing_up import (
    DAY,
    ONLY_MAINTENANCE,
    backup_of,
    becomes_due,
    check,
    clean_up,
    run_of,
    states,
)
from tests.workflows.world import World, build_world
from workflows.schedules import JOBS, VERSION

NOTHING = KeepRule(last=0, daily=0, weekly=0, monthly=0)


@dataclass
class Backed:
    """A world whose worker makes backups."""

    world: World
    kept: Vault


@pytest.fixture
async def backed(env: WorkflowEnvironment, tmp_path: Path) -> AsyncGenerator[Backed]:
    one = Backed(await build_world(env), vault(tmp_path))
    async with one.world.served(**ONLY_MAINTENANCE, backups=one.kept.archive):
        yield one


async def test_a_backup_that_is_due_is_written_and_read_back_in_a_run_of_its_own(
    backed: Backed,
) -> None:
    due_at = await becomes_due(backed.world)

    assert await check(backed.world) == CheckReport(begun=("nightly",))
    written = await run_of(backed.world).result()

    known = backup_of(backed.world, due_at)
    assert (known.state, known.written) == (BackupState.VERIFIED, written)
    (stored,) = await backed.kept.archive.stored()
    assert (stored.place, stored.due_at, stored.verified) == (written.place, due_at, True)


async def test_a_time_becomes_one_backup_however_often_it_is_looked_for(backed: Backed) -> None:
    await becomes_due(backed.world)
    await check(backed.world)
    await run_of(backed.world).result()

    assert await check(backed.world) == CheckReport()
    assert await check(backed.world) == CheckReport()
    assert states(backed.world) == [BackupState.VERIFIED]
    assert backed.kept.source.snapshots == 1


async def test_a_time_that_meets_a_backup_at_work_is_skipped_and_that_one_goes_on(
    backed: Backed,
) -> None:
    first = await becomes_due(backed.world, ago=2 * DAY)
    gate = backed.kept.target.script.hold_next("put")
    await check(backed.world)
    await eventually(lambda: states(backed.world) == [BackupState.RUNNING])
    second = await becomes_due(backed.world, ago=DAY)

    assert await check(backed.world) == CheckReport(skipped=("nightly",))

    assert backup_of(backed.world, second).state is BackupState.SKIPPED
    gate.set()
    await run_of(backed.world).result()
    assert backup_of(backed.world, first).state is BackupState.VERIFIED
    assert states(backed.world) == [BackupState.VERIFIED, BackupState.SKIPPED]


async def test_another_schedule_s_backup_waits_for_nobody(backed: Backed) -> None:
    await becomes_due(backed.world)
    gate = backed.kept.target.script.hold_next("put")
    await check(backed.world)
    await eventually(lambda: states(backed.world) == [BackupState.RUNNING])
    await becomes_due(backed.world, "weekly", ago=DAY / 2)

    assert await check(backed.world) == CheckReport(begun=("weekly",))

    await run_of(backed.world, "weekly").result()
    gate.set()
    await run_of(backed.world).result()
    assert set(states(backed.world)) == {BackupState.VERIFIED}


async def test_an_outage_is_waited_out_and_the_backup_is_of_after_it(backed: Backed) -> None:
    backed.kept.target.script.fail_next("put", BackupUnavailable("no room"), times=5)
    due_at = await becomes_due(backed.world)
    await check(backed.world)

    await run_of(backed.world).result()

    assert backup_of(backed.world, due_at).state is BackupState.VERIFIED
    assert backed.kept.source.snapshots == 2
    assert await backed.world.records.open_alerts(10) == []


async def test_one_that_cannot_be_read_back_fails_and_an_operator_is_told(backed: Backed) -> None:
    due_at = await becomes_due(backed.world)
    backed.kept.target.script.fail_next("get", BackupMissing("lost"), times=1)
    await check(backed.world)

    with pytest.raises(WorkflowFailureError):
        await run_of(backed.world).result()

    known = backup_of(backed.world, due_at)
    assert (known.state, known.failure) == (BackupState.FAILED, "BackupMissing")
    (alert,) = await backed.world.records.open_alerts(10)
    assert alert.kind is AlertKind.BACKUP_FAILED


async def test_a_worker_without_the_means_refuses_the_backup_by_name(
    env: WorkflowEnvironment,
) -> None:
    world = await build_world(env)
    async with world.served(**ONLY_MAINTENANCE):
        due_at = await becomes_due(world)
        assert await check(world) == CheckReport(begun=("nightly",))
        with pytest.raises(WorkflowFailureError):
            await run_of(world).result()
        with pytest.raises(WorkflowFailureError):
            await clean_up(world)
    assert backup_of(world, due_at).failure == "BackupsNotConfigured"
    (alert,) = await world.records.open_alerts(10)
    assert "BackupsNotConfigured" in alert.sentence


async def _nights(backed: Backed, many: int) -> None:
    for days in range(many, 0, -1):
        await becomes_due(backed.world, ago=days * DAY)
        await check(backed.world)
        await run_of(backed.world).result()


async def test_each_backup_removes_what_it_replaces(backed: Backed) -> None:
    nightly = backed.world.records.backup_schedules["nightly"]
    keep = NOTHING.model_copy(update={"last": 2})
    backed.world.records.backup_schedules["nightly"] = nightly.model_copy(update={"keep": keep})

    await _nights(backed, 4)

    assert len(await backed.kept.archive.stored()) == 2
    assert states(backed.world) == [*[BackupState.REMOVED] * 2, *[BackupState.VERIFIED] * 2]


async def test_a_cleaning_that_fails_takes_nothing_from_the_backup_and_the_nightly_one_follows(
    backed: Backed,
) -> None:
    await _nights(backed, 2)
    nightly = backed.world.records.backup_schedules["nightly"]
    backed.world.records.backup_schedules["nightly"] = nightly.model_copy(update={"keep": NOTHING})
    due_at = await becomes_due(backed.world, ago=DAY / 2)
    backed.kept.target.script.fail_next("children", BackupMissing("no such bucket"))
    await check(backed.world)

    await run_of(backed.world).result()

    assert backup_of(backed.world, due_at).state is BackupState.VERIFIED
    assert len(await backed.kept.archive.stored()) == 3
    assert await clean_up(backed.world) == RetentionReport(kept=1, removed=2)
    (newest,) = await backed.kept.archive.stored()
    assert newest.due_at == due_at


class Asked(InMemoryRecords):
    """Notes by when something was asked to be due."""

    def __init__(self) -> None:
        super().__init__()
        self.times: list[datetime] = []

    async def due_backups(self, at: datetime) -> tuple[DueBackup, ...]:
        self.times.append(at)
        return await super().due_backups(at)


async def test_a_check_is_for_its_nominal_time_however_late_it_runs(
    dev_server: WorkflowEnvironment,
) -> None:
    world = await build_world(dev_server)
    records = Asked()
    world = replace(world, records=records, gateways=replace(world.gateways, records=records))
    job = next(job for job in JOBS if job.id == "backup-check")
    schedule = replace(job.schedule(VERSION), state=ScheduleState(paused=True))
    noon = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0) - DAY
    async with world.served(**ONLY_MAINTENANCE):
        handle = await dev_server.client.create_schedule(job.id, schedule)
        await handle.backfill(
            ScheduleBackfill(
                start_at=noon,
                end_at=noon + timedelta(seconds=90),
                overlap=ScheduleOverlapPolicy.ALLOW_ALL,
            )
        )
        await eventually(lambda: len(records.times) >= 2)
    assert sorted(records.times) == [noon, noon + timedelta(minutes=1)]
