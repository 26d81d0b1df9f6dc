"""Bookings looked at again after their registrations have ended."""

from collections.abc import AsyncGenerator
from datetime import timedelta
from uuid import UUID

import pytest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from activities.runs import Runs
from domain.alerts import AlertKind
from domain.errors import SoldOut, Unavailable, UnknownOutcome
from domain.identifiers import cancellation_workflow_id, external_ref
from domain.states import RegistrationStatus
from domain.sweeps import LookReport, ProviderNotice
from tests.workflows.hiccups import lists_nothing
from tests.workflows.reviews import needs_review
from tests.workflows.sweeping import (
    CancellationDouble,
    alerts,
    haunt,
    later,
    noticed,
    surplus_events,
    sweep,
)
from tests.workflows.world import World, build_world

IN_ORDER = LookReport(looked=1)
SET_RIGHT = LookReport(looked=1, acted=1)
NOTHING_DUE = LookReport()


@pytest.fixture
async def world(env: WorkflowEnvironment, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[World]:
    """A world whose cancellations are begun on a queue of their own, where a double serves."""

    def on_their_own_queue(client: Client, _queue: str) -> Runs:
        return Runs(client, "doubles")

    monkeypatch.setattr("worker.Runs", on_their_own_queue)
    world = await build_world(env)
    async with (
        world.served(),
        Worker(env.client, task_queue="doubles", workflows=[CancellationDouble]),
    ):
        yield world


async def _cancellation(world: World, registration_id: UUID) -> str:
    """Who the workflow `cancellation` was told has cancelled."""
    handle = world.client.get_workflow_handle(
        cancellation_workflow_id(registration_id), result_type=str
    )
    return await handle.result()


async def test_a_late_ghost_beside_the_recorded_booking_is_cancelled_told_and_audited(
    world: World,
) -> None:
    registration_id = await world.scheduled()
    world.provider.script.fail_next("book", UnknownOutcome("504"))
    row = await world.ended(registration_id)
    ghost = await haunt(world, registration_id)
    assert world.bookings(registration_id) == [row.booking_number, ghost]

    assert await sweep(world) == NOTHING_DUE
    await later(world)
    assert await sweep(world) == SET_RIGHT

    assert world.bookings(registration_id) == [row.booking_number]
    ((kind, sentence),) = await alerts(world)
    assert kind is AlertKind.SEVERAL_BOOKINGS
    assert f"{row.booking_number} is kept" in sentence
    assert f"booking {ghost}. Nothing is left to do" in sentence
    found, done = await surplus_events(world, registration_id)
    assert (found["kept"], found["standing"]) == (row.booking_number, [ghost])
    assert (done["standing"], done["cancelled"]) == ([], [ghost])


async def test_each_registration_is_looked_at_three_times_and_then_never(world: World) -> None:
    registration_id = await world.scheduled()
    await world.ended(registration_id)
    looked: list[int] = []
    for wait in (0, 6, 6, 60, 60, 11 * 60, 60, 24 * 60):
        await later(world, timedelta(minutes=wait))
        looked.append((await sweep(world)).looked)

    assert looked == [0, 1, 0, 1, 0, 1, 0, 0]
    assert await alerts(world) == []


async def test_one_look_makes_up_for_those_missed_in_an_outage(world: World) -> None:
    registration_id = await world.scheduled()
    await world.ended(registration_id)
    await later(world, timedelta(days=3))

    assert await sweep(world) == IN_ORDER
    assert await sweep(world) == NOTHING_DUE


async def test_a_ghost_of_a_failed_registration_is_cancelled_and_told(world: World) -> None:
    registration_id = await world.scheduled()
    world.provider.script.fail_next("book", SoldOut("gone"))
    row = await world.ended(registration_id)
    ghost = await haunt(world, registration_id)
    await later(world)

    assert await sweep(world) == SET_RIGHT

    assert row.status is RegistrationStatus.FAILED
    assert world.bookings(registration_id) == []
    ((kind, sentence),) = await alerts(world)
    assert kind is AlertKind.GHOST_BOOKING
    assert ghost in sentence
    assert len(await surplus_events(world, registration_id)) == 2


async def test_a_ghost_that_cannot_be_cancelled_stands_in_the_alert_and_is_tried_again(
    world: World,
) -> None:
    registration_id = await world.scheduled()
    row = await world.ended(registration_id)
    ghost = await haunt(world, registration_id)
    world.provider.script.fail_next("cancel", Unavailable("busy"))
    await later(world)

    assert await sweep(world) == LookReport(acted=1, put_off=1)
    ((_, sentence),) = await alerts(world)
    assert f"Still standing: booking {ghost}" in sentence
    assert await sweep(world) == NOTHING_DUE
    await later(world)
    assert await sweep(world) == SET_RIGHT

    assert world.bookings(registration_id) == [row.booking_number]
    ((_, sentence),) = await alerts(world)
    assert "Still standing" not in sentence


async def test_a_booking_the_organiser_cancelled_is_told_and_its_cancellation_begun_once(
    world: World,
) -> None:
    registration_id = await world.scheduled()
    row = await world.ended(registration_id)
    world.provider.cancel_from_their_side(row.booking_number or "")
    await later(world)

    assert await sweep(world) == SET_RIGHT

    assert await _cancellation(world, registration_id) == "provider"
    ((kind, sentence),) = await alerts(world)
    assert kind is AlertKind.BOOKING_GONE
    assert row.booking_number is not None
    assert row.booking_number in sentence
    await later(world, timedelta(hours=1))
    assert await sweep(world) == IN_ORDER
    (alert,) = await world.records.open_alerts(10)
    assert alert.times == 1


async def test_a_booking_that_is_only_listed_late_is_no_alarm(world: World) -> None:
    registration_id = await world.scheduled()
    await world.ended(registration_id)
    await later(world)
    lists_nothing(world, calls=1)

    assert await sweep(world) == IN_ORDER
    assert await alerts(world) == []


async def test_another_booking_in_the_recorded_ones_place_is_left_to_a_person(
    world: World,
) -> None:
    registration_id = await world.scheduled()
    row = await world.ended(registration_id)
    other = await haunt(world, registration_id)
    world.provider.cancel_from_their_side(row.booking_number or "")
    await later(world)

    assert await sweep(world) == SET_RIGHT

    assert world.bookings(registration_id) == [other]
    ((kind, sentence),) = await alerts(world)
    assert kind is AlertKind.BOOKING_GONE
    assert f"booking {other} does" in sentence


async def test_what_is_under_review_is_seen_and_not_touched(world: World) -> None:
    registration_id = await world.scheduled()
    world.provider.script.fail_next("book", UnknownOutcome("reset"), times=2)
    await needs_review(world, registration_id)
    ghost = await haunt(world, registration_id)
    await later(world)

    assert await sweep(world) == SET_RIGHT

    assert world.bookings(registration_id) == [ghost]
    ((kind, sentence),) = await alerts(world)
    assert kind is AlertKind.REVIEW_WAITING
    assert f"lists booking {ghost} as live" in sentence
    assert await surplus_events(world, registration_id) == []


async def test_an_account_about_to_open_is_left_in_peace(world: World) -> None:
    registration_id = await world.scheduled()
    await world.ended(registration_id)
    await later(world)
    row = world.records.rows[registration_id]
    soon = await world.env.get_current_time() + timedelta(minutes=2)
    waiting = row.model_copy(
        update={
            "id": UUID(int=7),
            "status": RegistrationStatus.PENDING,
            "scheduled_time": soon,
        }
    )
    world.records.rows[waiting.id] = waiting
    assert await sweep(world) == NOTHING_DUE

    del world.records.rows[waiting.id]
    assert await sweep(world) == IN_ORDER


async def test_a_notice_is_looked_into_at_once_and_one_of_strangers_is_not(world: World) -> None:
    registration_id = await world.scheduled()
    row = await world.ended(registration_id)
    assert row.booking_number is not None
    world.provider.cancel_from_their_side(row.booking_number)

    strangers = ProviderNotice(booking_number="B999999")
    assert await noticed(world, "1", strangers) == LookReport()
    pretended = ProviderNotice(
        booking_number=row.booking_number, reference=external_ref(UUID(int=9))
    )
    assert await noticed(world, "2", pretended) == LookReport()
    assert await alerts(world) == []

    assert await noticed(world, "3", ProviderNotice(booking_number=row.booking_number)) == SET_RIGHT
    assert await _cancellation(world, registration_id) == "provider"
    assert [kind for kind, _ in await alerts(world)] == [AlertKind.BOOKING_GONE]
