import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from domain.refusals import Refused
from domain.states import AuditKind, FailureCode, RegistrationStatus
from tests.eventually import eventually
from tests.workflows.arming import armed
from tests.workflows.world import World

SOON = timedelta(days=1)


async def test_cancelling_while_asleep_ends_the_run_and_sends_nothing(world: World) -> None:
    registration_id = await world.scheduled(SOON)

    answer = await world.door.changes.cancel(world.user, registration_id)

    assert answer.status is RegistrationStatus.CANCELLED
    assert (await world.run(registration_id).result()).status is RegistrationStatus.CANCELLED
    assert world.provider.sends == []
    assert world.subjects() == ["Scheduled", "Cancelled"]


async def test_cancelling_again_is_no_error(world: World) -> None:
    registration_id = await world.scheduled(SOON)
    await world.door.changes.cancel(world.user, registration_id)

    assert (
        await world.door.changes.cancel(world.user, registration_id)
    ).status is RegistrationStatus.CANCELLED


async def test_many_who_cancel_at_once_all_hear_that_it_is_cancelled(world: World) -> None:
    registration_id = await world.scheduled(SOON)

    answers = await asyncio.gather(
        *(world.door.changes.cancel(world.user, registration_id) for _ in range(4))
    )

    assert {answer.status for answer in answers} == {RegistrationStatus.CANCELLED}
    await world.run(registration_id).result()
    assert world.subjects() == ["Scheduled", "Cancelled"]


async def test_a_rescheduled_registration_is_booked_at_its_new_opening_only(world: World) -> None:
    registration_id = await world.scheduled(SOON)
    first = (await world.records.registration(registration_id)).scheduled_time
    later = first + timedelta(days=2)
    world.event.opens_at = later

    await world.door.changes.reschedule(
        world.user, registration_id, later.isoformat(), "America/New_York"
    )
    row = await world.ended(registration_id)

    assert row.status is RegistrationStatus.COMPLETED
    assert row.scheduled_time == later
    assert [at >= later for at, _ in world.provider.sends] == [True]
    assert "Moved" in world.subjects()


@pytest.mark.lead(5)
async def test_an_armed_booking_is_released_unfired_when_the_parent_cancels(world: World) -> None:
    registration_id = await armed(world)

    answer = await world.door.changes.cancel(world.user, registration_id)

    assert answer.status is RegistrationStatus.CANCELLED
    assert world.provider.sends == []
    assert world.bookings(registration_id) == []


@pytest.mark.lead(5)
async def test_an_armed_booking_moves_to_another_opening_and_is_booked_there(world: World) -> None:
    registration_id = await armed(world)
    later = world.records.rows[registration_id].scheduled_time + timedelta(hours=5)
    world.event.opens_at = later

    await world.door.changes.reschedule(world.user, registration_id, later.isoformat(), None)
    row = await world.ended(registration_id)

    assert row.status is RegistrationStatus.COMPLETED
    assert [at >= later for at, _ in world.provider.sends] == [True]


@pytest.mark.lead(10)
async def test_a_cancel_in_time_counts_though_the_claim_is_held_up_past_the_opening(
    world: World,
) -> None:
    registration_id = await world.scheduled(SOON)
    row = await world.records.registration(registration_id)
    await world.records.pause_bookings("the organiser asked for quiet")
    await world.until(row.scheduled_time - timedelta(seconds=9))

    cancelling = asyncio.ensure_future(world.door.changes.cancel(world.user, registration_id))
    await _accepted(world, registration_id, updates=2)  # the confirm's, and this one
    assert await world.env.get_current_time() < row.scheduled_time, "heard only once it was late"
    await world.until(row.scheduled_time + timedelta(seconds=1))
    await world.records.resume_bookings()

    assert (await cancelling).status is RegistrationStatus.CANCELLED
    assert world.provider.sends == []


@pytest.mark.lead(5)
async def test_an_armed_booking_is_released_and_refused_when_its_permission_is_withdrawn(
    world: World,
) -> None:
    registration_id = await armed(world)

    mandate = await world.door.registrations.revoke_mandate(world.user, registration_id)

    assert mandate.revoked_at is not None
    assert mandate.token is None
    await world.run(registration_id).result()
    row = world.records.rows[registration_id]
    assert (row.status, row.failure_code) == (
        RegistrationStatus.FAILED,
        FailureCode.MANDATE_INVALID,
    )
    assert world.provider.sends == []
    assert [event.kind for event in world.records.trails[registration_id]][-5:] == [
        AuditKind.ATTEMPT_OPENED,
        AuditKind.ATTEMPT_CLOSED,
        AuditKind.MANDATE_REVOKED,
        AuditKind.ATTEMPT_OPENED,
        AuditKind.FAILED,
    ]
    again = await world.door.registrations.revoke_mandate(world.user, registration_id)
    assert again == mandate


async def test_past_the_point_of_no_return_nothing_is_changed_or_withdrawn(world: World) -> None:
    registration_id = await world.scheduled(SOON)
    gate = world.provider.script.hold_next("book")
    await world.until_opening(registration_id)
    await eventually(lambda: bool(world.provider.sends))

    for change in (
        world.door.registrations.revoke_mandate(world.user, registration_id),
        world.door.changes.cancel(world.user, registration_id),
        world.door.changes.reschedule(
            world.user,
            registration_id,
            (world.clock.outside + timedelta(days=3)).isoformat(),
            None,
        ),
    ):
        with pytest.raises(Refused) as refused:
            await change
        assert [reason.code for reason in refused.value.reasons] == ["too_late"]
    gate.set()

    assert (await world.ended(registration_id)).status is RegistrationStatus.COMPLETED


async def test_a_revoked_mandate_ends_the_registration_without_a_booking(world: World) -> None:
    registration_id = await world.scheduled(SOON)
    await world.door.registrations.revoke_mandate(world.user, registration_id)

    row = await world.ended(registration_id)

    assert (row.status, row.failure_code) == (
        RegistrationStatus.FAILED,
        FailureCode.MANDATE_INVALID,
    )
    assert world.provider.sends == []


async def _accepted(world: World, registration_id: UUID, updates: int) -> None:
    """Once the run has taken in so many updates."""
    async with asyncio.timeout(30):
        while await _taken_in(world, registration_id) < updates:  # noqa: ASYNC110 - it happens at the server
            await asyncio.sleep(0.02)


async def _taken_in(world: World, registration_id: UUID) -> int:
    history = await world.run(registration_id).fetch_history()
    accepted = "workflow_execution_update_accepted_event_attributes"
    return sum(event.HasField(accepted) for event in history.events)
