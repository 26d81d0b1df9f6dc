"""Bookings looked at again after their registrations have ended."""

from datetime import timedelta
from uuid import UUID

from domain.alerts import AlertKind
from domain.errors import SoldOut, Unavailable, UnknownOutcome
from domain.states import RegistrationStatus
from domain.sweeps import LookReport
from tests.workflows.reviews import needs_review
from tests.workflows.sweeping import (
    IN_ORDER,
    NOTHING_DUE,
    SET_RIGHT,
    alerts,
    haunt,
    later,
    surplus_events,
    sweep,
)
from tests.workflows.world import World


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
