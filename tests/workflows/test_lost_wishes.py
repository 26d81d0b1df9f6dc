"""Wishes to give a booking back that get no answer for long: gone on with, judged as they came."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from domain.alerts import AlertKind
from domain.errors import Rejected, Unauthorised, Unavailable
from domain.refusals import Refused
from domain.states import RegistrationStatus
from tests.eventually import eventually
from tests.workflows.sweeping import later, sweep_runs
from tests.workflows.test_lost_bookings import CANCELLED, booked, given_up, told, wish
from tests.workflows.world import World


async def unanswered(world: World, registration_id: UUID, so_long: timedelta) -> None:
    """The parent asks, and the organiser's system gives no answer, nor later."""
    world.provider.script.fail_next("cancel", Unavailable("down"), times=100_000)
    asking = asyncio.ensure_future(wish(world, registration_id))
    await eventually(lambda: registration_id in world.records.wishes)
    await later(world, so_long)
    with pytest.raises(Refused):
        await asking


async def test_a_cancel_that_got_no_answer_for_an_hour_is_gone_on_with(world: World) -> None:
    registration_id, _ = await booked(world)
    await unanswered(world, registration_id, timedelta(hours=2))
    assert (await sweep_runs(world)).cancellations == 1
    world.provider.script.forget("cancel")

    assert await given_up(world, registration_id) == CANCELLED

    assert await told(world) == []
    await eventually(lambda: world.subjects()[-1] == "Given back")
    await later(world, timedelta(hours=2))
    assert (await sweep_runs(world)).cancellations == 0


async def test_a_cancel_that_gets_no_answer_for_long_is_told_to_an_operator(world: World) -> None:
    registration_id, _ = await booked(world)
    await unanswered(world, registration_id, timedelta(hours=7))
    await sweep_runs(world)
    assert await told(world) == [AlertKind.CANCELLATION_OPEN]


async def test_a_cancel_that_is_refused_when_nobody_waits_is_told_to_operator_and_parent(
    world: World,
) -> None:
    registration_id, number = await booked(world)
    await unanswered(world, registration_id, timedelta(hours=2))
    world.provider.script.forget("cancel")
    world.provider.script.fail_next("cancel", Rejected("refused", "too late for that"))

    await sweep_runs(world)

    await eventually(lambda: registration_id not in world.records.wishes)
    assert await told(world) == [AlertKind.CANCELLATION_OPEN]
    assert world.bookings(registration_id) == [number]
    assert world.records.rows[registration_id].status is RegistrationStatus.COMPLETED
    await eventually(lambda: world.subjects()[-1] == "Not given back")


async def test_a_wish_is_gone_on_with_while_the_organiser_refuses_our_access(world: World) -> None:
    registration_id, _ = await booked(world)
    world.provider.script.fail_next("cancel", Unauthorised("key revoked"))
    with pytest.raises(Refused) as refused:
        await wish(world, registration_id)
    assert [reason.code for reason in refused.value.reasons] == ["unauthorised"]
    await later(world, timedelta(hours=1))

    assert (await sweep_runs(world)).cancellations == 1

    assert await given_up(world, registration_id) == CANCELLED
    await eventually(lambda: world.subjects()[-1] == "Given back")


async def test_a_wish_without_an_answer_ends_when_the_program_is_over(world: World) -> None:
    registration_id, number = await booked(world)
    await unanswered(world, registration_id, timedelta(hours=2))
    program = (await world.records.dossier(registration_id)).program
    began = program.model_copy(update={"starts_at": world.clock.now() - timedelta(days=2)})
    await world.records.save_program(began)

    await sweep_runs(world)

    await eventually(lambda: registration_id not in world.records.wishes)
    await eventually(lambda: world.subjects()[-1] == "Not given back")
    assert world.bookings(registration_id) == [number]
    await later(world, timedelta(hours=2))
    assert (await sweep_runs(world)).cancellations == 0


async def test_a_wish_that_came_in_time_earns_the_fee_however_long_it_takes(world: World) -> None:
    registration_id, number = await booked(world)
    await unanswered(world, registration_id, timedelta(hours=2))
    program = (await world.records.dossier(registration_id)).program
    began = program.model_copy(update={"starts_at": world.clock.now() - timedelta(hours=1)})
    await world.records.save_program(began)
    world.provider.script.forget("cancel")

    await wish(world, registration_id)

    assert number not in world.bookings(registration_id)
    assert await given_up(world, registration_id) == CANCELLED
