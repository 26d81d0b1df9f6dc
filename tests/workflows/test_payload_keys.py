"""Registrations whose payloads Temporal cannot read."""

import asyncio
import os
from datetime import timedelta
from unittest import mock
from uuid import UUID

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.api.failure.v1 import Failure
from temporalio.api.history.v1 import HistoryEvent
from temporalio.testing import WorkflowEnvironment

from connection import connect_temporal
from domain.errors import RecordRejected
from domain.identifiers import registration_workflow_id
from domain.refusals import Refused
from domain.states import FeeStatus, RegistrationStatus
from domain.sweeps import RunReport
from tests.payload_keys import KEYS, NEW, OLD
from tests.payloads import keys_of, within
from tests.workflows.hiccups import fails_once
from tests.workflows.sweeping import later, sweep_runs
from tests.workflows.world import World, build_world
from workflows.registration import RegistrationWorkflow

LETTERS = timedelta(minutes=3)
"""The server skips no time for an activity that was cut off, such as one that sends a letter."""

REPLACED = {"max_cached_workflows": 0}
"""For workers that others follow: the server would ask the one that knows a run for long."""

TASK_FAILED = EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED


@pytest.fixture
async def world(env: WorkflowEnvironment) -> World:
    return await build_world(env)


async def history(world: World, registration_id: UUID) -> list[HistoryEvent]:
    return list((await world.run(registration_id).fetch_history()).events)


async def asleep(world: World) -> UUID:
    """One that waits for its opening, its letters sent."""
    registration_id = await world.scheduled()
    await later(world, LETTERS)
    return registration_id


async def test_temporal_can_read_no_payload_and_no_failure_of_a_registration(
    world: World,
) -> None:
    world = world.with_payload_keys(NEW)
    async with world.served():
        registration_id = await world.scheduled()
        fails_once(world.records, "dossier", RecordRejected("23514", "said by the database"))
        row = await world.ended(registration_id)
        run = world.client.get_workflow_handle_for(
            RegistrationWorkflow.run, registration_workflow_id(registration_id)
        )
        view = await run.query(RegistrationWorkflow.status)

    assert (row.status, row.fee_status) == (RegistrationStatus.COMPLETED, FeeStatus.PAID)
    assert view.standing is not None
    events = await history(world, registration_id)
    assert keys_of(events).keys() == {"new"}
    failures = [failure for event in events for failure in within(event, Failure)]
    assert {failure.message for failure in failures} == {"Encoded failure"}
    assert row.receipt_code is not None
    kept = b"".join(event.SerializeToString() for event in events)
    # The code of the registration is a search attribute, for operators to find it by.
    for said in ("said by the database", row.receipt_code, view.standing.audit_head):
        assert said.encode() not in kept


async def test_a_refusal_that_temporal_cannot_read_reaches_the_parent_in_words(
    world: World,
) -> None:
    world = world.with_payload_keys(NEW)
    async with world.served():
        registration_id = await world.scheduled()
        with pytest.raises(Refused, match="No fee is due on this registration"):
            await world.door.changes.retry_fee(world.user, registration_id)


async def test_the_programs_own_client_encrypts_with_the_keys_of_the_environment(
    env: WorkflowEnvironment,
) -> None:
    told = {
        "TEMPORAL_ADDRESS": env.client.service_client.config.target_host,
        "PAYLOAD_KEYS": KEYS.get_secret_value(),
    }
    with mock.patch.dict(os.environ, told):
        client = await connect_temporal()
    run = await client.start_workflow("nobody-s", "a word", id="nobody-s", task_queue="nobody-s")
    assert keys_of((await run.fetch_history()).events) == {"new": 1}


async def test_a_run_from_before_any_key_goes_on_over_the_first_and_over_a_rotation(
    world: World,
) -> None:
    async with world.served(**REPLACED):
        registration_id = await asleep(world)
    first, rotated = world.with_payload_keys(OLD), world.with_payload_keys(NEW, OLD)
    async with first.served(**REPLACED):
        opening = (await world.records.registration(registration_id)).scheduled_time
        world.event.opens_at = opening + timedelta(days=1)
        moved = world.event.opens_at.isoformat()
        await first.door.changes.reschedule(world.user, registration_id, moved, None)
        await later(first, LETTERS)
    async with rotated.served():
        row = await rotated.ended(registration_id)

    assert row.status is RegistrationStatus.COMPLETED
    assert keys_of(await history(world, registration_id)).keys() == {"", "old", "new"}


async def stands_still(world: World, registration_id: UUID) -> None:
    """Wake it, and wait until a worker could not even read what it was begun with.

    By a signal, because the server skips no time while a workflow task fails again and again. It
    hands the task out again after ten seconds.
    """
    await world.run(registration_id).signal("nobody listens to this")
    async with asyncio.timeout(30):
        while not await _failed_a_task(world, registration_id):  # noqa: ASYNC110 - the server's doing
            await asyncio.sleep(0.05)


async def _failed_a_task(world: World, registration_id: UUID) -> bool:
    events = await history(world, registration_id)
    return any(event.event_type == TASK_FAILED for event in events)


@pytest.mark.full
@pytest.mark.parametrize("given", [(), (NEW,)], ids=["no key", "another key"])
async def test_without_its_key_a_run_stands_still_and_with_it_goes_on(
    world: World, given: tuple[str, ...]
) -> None:
    knowing, ignorant = world.with_payload_keys(OLD), world.with_payload_keys(*given)
    async with knowing.served(**REPLACED):
        registration_id = await asleep(knowing)
    async with ignorant.served(**REPLACED):
        await stands_still(ignorant, registration_id)
    async with knowing.served():
        row = await knowing.ended(registration_id)

    assert row.status is RegistrationStatus.COMPLETED
    assert len(world.bookings(registration_id)) == 1


async def test_where_the_key_is_lost_for_good_a_run_is_ended_and_begun_anew_from_its_row(
    world: World,
) -> None:
    lost, after = world.with_payload_keys(OLD), world.with_payload_keys(NEW)
    async with lost.served(**REPLACED):
        registration_id = await asleep(lost)
    async with after.served():
        await after.run(registration_id).terminate("its key is lost")
        await later(after, timedelta(hours=7))
        report = await sweep_runs(after)
        row = await after.ended(registration_id)

    assert report == RunReport(checked=1, started=1)
    assert row.status is RegistrationStatus.COMPLETED
    assert keys_of(await history(world, registration_id)).keys() == {"new"}
