"""A booking that a person found under another reference: looked at like any other."""

from datetime import timedelta

import pytest

from domain.alerts import AlertKind
from domain.cancellation import CancelledBy
from domain.errors import SoldOut, Unavailable
from domain.identifiers import external_ref
from domain.refusals import Refused
from domain.states import FeeStatus, RegistrationStatus
from domain.sweeps import LookReport, ProviderNotice
from tests.eventually import eventually
from tests.workflows.reviews import booked_by_phone, found, lost, resolve
from tests.workflows.sweeping import IN_ORDER, SET_RIGHT, alerts, haunt, later, noticed, sweep
from tests.workflows.world import World


async def test_it_is_in_order_at_every_look(world: World) -> None:
    registration_id, _ = await booked_by_phone(world)

    for wait in (timedelta(minutes=6), timedelta(hours=1), timedelta(hours=12)):
        await later(world, wait)
        assert await sweep(world) == IN_ORDER

    assert await alerts(world) == []
    assert world.records.rows[registration_id].status is RegistrationStatus.COMPLETED


async def test_taken_back_by_the_organiser_it_is_noticed_and_its_fee_refunded(
    world: World,
) -> None:
    registration_id, number = await booked_by_phone(world)
    world.provider.cancel_from_their_side(number)

    assert await noticed(world, "1", ProviderNotice(booking_number=number)) == SET_RIGHT

    assert [kind for kind, _ in await alerts(world)] == [AlertKind.BOOKING_GONE]
    row = await world.row_when(
        registration_id, lambda row: row.status is RegistrationStatus.CANCELLED
    )
    assert row.fee_status is FeeStatus.REFUNDED


async def test_it_is_cancelled_as_the_organisers_once_they_did_and_not_before(
    world: World,
) -> None:
    registration_id, number = await booked_by_phone(world)
    theirs = CancelledBy.PROVIDER
    with pytest.raises(Refused) as refusal:
        await world.door.changes.cancel(world.user, registration_id, theirs)
    assert [reason.code for reason in refusal.value.reasons] == ["booking_stands"]
    world.provider.cancel_from_their_side(number)

    answer = await world.door.changes.cancel(world.user, registration_id, theirs)

    assert answer.status is RegistrationStatus.CANCELLED
    assert answer.fee_status is FeeStatus.REFUNDED


async def test_a_late_ghost_of_ours_beside_it_is_cancelled_and_it_stays(world: World) -> None:
    registration_id, number = await booked_by_phone(world)
    await haunt(world, registration_id)
    await later(world)

    assert await sweep(world) == SET_RIGHT

    assert world.bookings(registration_id) == []
    recorded = await world.provider.booking(number)
    assert recorded is not None
    assert not recorded.cancelled
    ((kind, sentence),) = await alerts(world)
    assert kind is AlertKind.SEVERAL_BOOKINGS
    assert f"{number} is kept" in sentence


async def test_a_late_ghost_that_a_person_gave_to_the_next_registration_is_its_and_stays(
    world: World,
) -> None:
    first = await world.scheduled()
    world.provider.script.fail_next("book", SoldOut("gone"))
    await world.ended(first)
    # Its process holds its lease a little longer, by the time of that day.
    await eventually(lambda: all(lease.ended for lease in world.records.leases.values()))
    second = await lost(world)
    ghost = await haunt(world, first)
    decision = found(second, ghost).model_copy(update={"another_reference": True})
    assert (await resolve(world, decision)).status is RegistrationStatus.COMPLETED
    await later(world)

    assert await sweep(world) == LookReport(looked=2)
    assert await noticed(world, "1", ProviderNotice(reference=external_ref(first))) == IN_ORDER

    assert world.bookings(first) == [ghost]
    assert await alerts(world) == []

    world.provider.cancel_from_their_side(ghost)
    notice = ProviderNotice(booking_number=ghost, reference=external_ref(first))
    assert await noticed(world, "2", notice) == SET_RIGHT
    row = await world.row_when(second, lambda row: row.status is RegistrationStatus.CANCELLED)
    assert row.fee_status is FeeStatus.REFUNDED


async def test_a_notice_is_looked_into_until_the_organisers_system_answers(world: World) -> None:
    registration_id, number = await booked_by_phone(world)
    world.provider.cancel_from_their_side(number)
    world.provider.script.fail_next("find", Unavailable("down"))

    assert await noticed(world, "1", ProviderNotice(booking_number=number)) == SET_RIGHT

    await world.row_when(registration_id, lambda row: row.status is RegistrationStatus.CANCELLED)
