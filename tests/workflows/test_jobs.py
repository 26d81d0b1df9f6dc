"""Every recurring job, run once over a world in which nothing is due."""

from collections.abc import AsyncGenerator
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.duration_pb2 import Duration as Time
from temporalio.api.enums.v1 import EventType
from temporalio.testing import WorkflowEnvironment

from tests.backups import vault
from tests.workflows.world import World, build_world
from workflows.queues import MAINTENANCE
from workflows.recurring import Job
from workflows.schedules import JOBS


@pytest.fixture
async def world(env: WorkflowEnvironment, tmp_path: Path) -> AsyncGenerator[World]:
    """One whose worker can do every job."""
    world = await build_world(env)
    async with world.served(queues=(MAINTENANCE,), backups=vault(tmp_path).archive):
        yield world


async def _history(world: World, job: Job) -> list[Any]:
    workflow: Any = job.workflow
    with world.env.auto_time_skipping_disabled():
        handle = await world.client.start_workflow(
            workflow.run, job.order, id=f"by-hand-{job.id}", task_queue=MAINTENANCE
        )
        await handle.result()
    return [event async for event in handle.fetch_history_events()]


def _scheduled(events: list[Any]) -> list[Any]:
    kind = EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED
    return [
        event.activity_task_scheduled_event_attributes
        for event in events
        if event.event_type == kind
    ]


async def test_every_activity_of_every_job_runs_under_the_job_s_row_of_the_durations(
    world: World,
) -> None:
    for job in JOBS:
        found = _scheduled(await _history(world, job))

        assert found, f"{job.id} does nothing that could be seen"
        for one in found:
            given: tuple[Time, ...] = (
                one.start_to_close_timeout,
                one.heartbeat_timeout,
                one.schedule_to_close_timeout,
            )
            policy = job.takes.policy
            assert tuple(time.ToTimedelta() for time in given) == (
                policy.start_to_close,
                policy.heartbeat,
                policy.schedule_to_close,
            ), f"{job.id} runs {one.activity_type.name} outside of its row {job.takes.name}"


async def test_the_first_activity_of_every_job_is_told_the_nominal_time_of_its_run(
    world: World,
) -> None:
    """Begun by nobody's schedule, that is when it began."""
    for job in JOBS:
        events = await _history(world, job)

        (told,) = _scheduled(events)[0].input.payloads
        began = events[0].event_time.ToDatetime(UTC)
        assert f'"{began:%Y-%m-%dT%H:%M:%SZ}"'.encode() in told.data, job.id
