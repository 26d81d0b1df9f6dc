"""Registrations under way whose workflow is gone, or does not come to an end."""

from datetime import timedelta
from uuid import UUID

from temporalio.testing import WorkflowEnvironment

from domain.alerts import AlertKind
from domain.states import FailureCode, RegistrationStatus
from domain.sweeps import RunReport, RunSweep
from tests.workflows.sweeping import alerts, later, lose_run, sweep_runs
from tests.workflows.world import World, build_world

MINUTES = timedelta(minutes=3)


def _row(world: World, registration_id: UUID, **changes: object) -> None:
    """The row as a restored or damaged database would have it."""
    row = world.records.rows[registration_id]
    world.records.rows[registration_id] = row.model_copy(update=changes)


async def test_a_registration_that_lost_its_run_gets_another_and_is_booked(world: World) -> None:
    registration_id = await world.scheduled()
    assert await sweep_runs(world) == RunReport()
    await later(world, MINUTES)
    assert await sweep_runs(world) == RunReport(checked=1)
    await lose_run(world, registration_id)
    await later(world, timedelta(hours=7))

    assert await sweep_runs(world) == RunReport(checked=1, started=1)

    (told,) = world.records.alerts
    assert (told.kind, told.times) == (AlertKind.RUN_MISSING, 1)
    assert told.settled_at is not None
    row = await world.ended(registration_id)
    assert row.status is RegistrationStatus.COMPLETED
    assert len(world.provider.sends) == 1


async def test_past_the_late_deadline_a_new_run_ends_it_as_missed(world: World) -> None:
    registration_id = await world.scheduled()
    await lose_run(world, registration_id)
    await later(world, timedelta(days=1, hours=2))

    assert await sweep_runs(world) == RunReport(checked=1, started=1)

    await world.run(registration_id).result()
    row = world.records.rows[registration_id]
    assert row.failure_code is FailureCode.MISSED_WINDOW
    assert world.provider.sends == []


async def test_a_run_that_is_lost_again_and_again_leaves_its_alert_open(world: World) -> None:
    registration_id = await world.scheduled(timedelta(days=30))
    open_after: list[int] = []
    for _ in range(4):
        await lose_run(world, registration_id)
        await later(world, timedelta(hours=7))
        await sweep_runs(world)
        open_after.append(len(await world.records.open_alerts(10)))

    assert open_after == [0, 0, 0, 1]
    assert "lost 3 times before" in (await alerts(world))[0][1]


async def test_a_row_whose_run_ended_well_gets_none_and_a_person_is_told(
    dev_server: WorkflowEnvironment,
) -> None:
    world = await build_world(dev_server)
    async with world.served():
        registration_id = await world.scheduled()
        await world.door.changes.cancel(world.user, registration_id)
        await world.run(registration_id).result()
        _row(world, registration_id, status=RegistrationStatus.PENDING)

        swept = await sweep_runs(world, RunSweep(age=timedelta()))

    assert swept == RunReport(checked=1, refused=1)
    ((kind, sentence),) = await alerts(world)
    assert kind is AlertKind.RUN_MISSING
    assert "none could be started" in sentence
    assert "restored" in sentence


async def test_a_run_that_does_not_end_long_after_its_opening_is_told(world: World) -> None:
    registration_id = await world.scheduled(timedelta(days=30))
    await later(world, MINUTES)
    now = await world.env.get_current_time()
    _row(
        world,
        registration_id,
        status=RegistrationStatus.EXECUTING,
        scheduled_time=now - timedelta(hours=3),
    )

    assert await sweep_runs(world) == RunReport(checked=1, stuck=1)

    ((kind, sentence),) = await alerts(world)
    assert kind is AlertKind.RUN_MISSING
    assert "still executing" in sentence
    assert f"registration-{registration_id}" in sentence
