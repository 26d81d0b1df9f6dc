"""Bookings that the organiser took back: noticed whatever went before, told, and given up once."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from temporalio.client import WorkflowFailureError

from domain.alerts import AlertKind
from domain.booking import Booking
from domain.cancellation import CancellationAnswer, CancellationOrder, CancelledBy
from domain.errors import (
    PaymentUnknown,
    RecordRejected,
    Rejected,
    Unavailable,
    UnknownOutcome,
)
from domain.identifiers import cancellation_workflow_id, external_ref
from domain.refusals import Refused
from domain.states import FeeStatus, RegistrationStatus
from domain.sweeps import LookReport, ProviderNotice
from tests.eventually import eventually
from tests.workflows.hiccups import fails_once, knows_no_booking, lists_nothing
from tests.workflows.sweeping import (
    IN_ORDER,
    SET_RIGHT,
    alerts,
    later,
    noticed,
    sweep,
)
from tests.workflows.unpaid import undecided
from tests.workflows.world import World
from workflows.cancellation import CancellationWorkflow
from workflows.queues import REGISTRATIONS

CANCELLED = (RegistrationStatus.CANCELLED, FeeStatus.REFUNDED)


async def booked(world: World) -> tuple[UUID, str]:
    """A paid booking whose first look is due, and its number."""
    registration_id = await world.scheduled()
    row = await world.ended(registration_id)
    await later(world)
    assert row.booking_number is not None
    return registration_id, row.booking_number


async def wish(world: World, registration_id: UUID, by: CancelledBy = CancelledBy.PARENT) -> Any:
    return await world.door.changes.cancel(world.user, registration_id, by)


async def given_up(world: World, registration_id: UUID) -> tuple[RegistrationStatus, FeeStatus]:
    """How the row stands once the cancellation that was begun has ended."""
    handle = world.client.get_workflow_handle(
        cancellation_workflow_id(registration_id), result_type=CancellationAnswer
    )
    # A skip in between could be one of years, past the time for a refund.
    with world.env.auto_time_skipping_disabled():
        async with asyncio.timeout(40):
            await handle.result()
    row = world.records.rows[registration_id]
    return row.status, row.fee_status


async def told(world: World) -> list[AlertKind]:
    return [kind for kind, _ in await alerts(world)]


async def test_a_booking_the_organiser_cancelled_is_told_and_given_up_once(world: World) -> None:
    registration_id, number = await booked(world)
    world.provider.cancel_from_their_side(number)

    assert await sweep(world) == SET_RIGHT

    assert await given_up(world, registration_id) == CANCELLED
    await eventually(lambda: world.subjects()[-1] == "Cancelled by the organiser")
    ((kind, sentence),) = await alerts(world)
    assert kind is AlertKind.BOOKING_GONE
    assert number in sentence
    await later(world, timedelta(hours=1))
    assert await sweep(world) == IN_ORDER
    (alert,) = await world.records.open_alerts(10)
    assert alert.times == 1


async def test_a_notice_is_looked_into_at_once_and_one_of_strangers_is_not(world: World) -> None:
    registration_id, number = await booked(world)
    world.provider.cancel_from_their_side(number)

    strangers = ProviderNotice(booking_number="B999999")
    assert await noticed(world, "1", strangers) == LookReport()
    pretended = ProviderNotice(booking_number="B999999", reference=external_ref(UUID(int=9)))
    assert await noticed(world, "2", pretended) == LookReport()
    assert await alerts(world) == []

    assert await noticed(world, "3", ProviderNotice(booking_number=number)) == SET_RIGHT
    assert await given_up(world, registration_id) == CANCELLED
    assert await told(world) == [AlertKind.BOOKING_GONE]


async def test_a_booking_lost_after_a_wish_that_was_refused_is_told_and_given_up(
    world: World,
) -> None:
    registration_id, number = await booked(world)
    world.provider.script.fail_next("cancel", Rejected("refused", "too late for that"))
    with pytest.raises(Refused):
        await wish(world, registration_id)
    world.provider.cancel_from_their_side(number)

    assert await sweep(world) == SET_RIGHT

    assert await told(world) == [AlertKind.BOOKING_GONE]
    assert await given_up(world, registration_id) == CANCELLED
    await eventually(lambda: world.subjects()[-1] == "Cancelled by the organiser")


async def test_a_booking_lost_to_a_cancel_whose_answer_never_came_is_told_and_given_up(
    world: World,
) -> None:
    registration_id, _ = await booked(world)
    lost = UnknownOutcome("reset")
    world.provider.script.fail_next("cancel", lost, after_commit=True, times=1000)
    asking = asyncio.ensure_future(wish(world, registration_id))
    await eventually(lambda: world.bookings(registration_id) == [])
    await later(world, timedelta(hours=2))
    with pytest.raises(Refused) as refusal:
        await asking
    assert [reason.code for reason in refusal.value.reasons] == ["provider_unavailable"]

    world.provider.script.forget("cancel")
    assert await sweep(world) == SET_RIGHT

    assert await told(world) == []
    assert await given_up(world, registration_id) == CANCELLED
    await eventually(lambda: world.subjects()[-1] == "Given back")


async def test_a_cancellation_that_broke_off_is_finished_as_the_wish_it_was(world: World) -> None:
    registration_id, _ = await booked(world)
    fails_once(world.records, "charges_of", RecordRejected("23514", "no"))
    # By itself: the server keeps whoever asked waiting when a run fails meanwhile.
    failing = await world.client.start_workflow(
        CancellationWorkflow.run,
        CancellationOrder(registration_id=registration_id, by=CancelledBy.PARENT),
        id=cancellation_workflow_id(registration_id),
        task_queue=REGISTRATIONS,
    )
    with world.env.auto_time_skipping_disabled(), pytest.raises(WorkflowFailureError):
        await failing.result()
    assert world.records.rows[registration_id].status is RegistrationStatus.COMPLETED

    assert await sweep(world) == SET_RIGHT

    assert await given_up(world, registration_id) == CANCELLED
    await eventually(lambda: world.subjects()[-1] == "Given back")
    trail = await world.records.audit_trail(registration_id)
    by = [event.detail["by"] for event in trail if "cancelled" in event.kind.value]
    assert by == ["parent", "parent"]
    assert len(world.payments.refunds.given_back(registration_id)) == 1


async def test_nothing_is_told_while_a_cancellation_is_at_work(world: World) -> None:
    registration_id = await undecided(world, PaymentUnknown("reset"), made=False)
    await later(world)
    asking = asyncio.ensure_future(wish(world, registration_id))
    await eventually(lambda: registration_id in world.records.cancellations)

    assert await sweep(world) == IN_ORDER

    assert await alerts(world) == []
    await later(world)
    assert (await asking).status is RegistrationStatus.CANCELLED


async def test_nothing_is_told_of_a_cancellation_that_came_through_during_the_look(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    registration_id, _ = await booked(world)
    lists_nothing(world, calls=1)
    knows_no_booking(world, calls=1)
    find, looks = world.provider.find, 0

    async def cancelled_by_then(*args: Any) -> list[Booking]:
        nonlocal looks
        looks += 1
        if looks == 2:
            await wish(world, registration_id)
            await given_up(world, registration_id)
        return await find(*args)

    monkeypatch.setattr(world.provider, "find", cancelled_by_then)

    assert await sweep(world) == IN_ORDER

    assert looks == 2
    assert world.bookings(registration_id) == []
    assert await alerts(world) == []


async def test_a_booking_that_is_only_shown_late_is_no_alarm(world: World) -> None:
    await booked(world)
    lists_nothing(world, calls=1)
    knows_no_booking(world, calls=1)

    assert await sweep(world) == IN_ORDER
    assert await alerts(world) == []


async def test_a_booking_is_asked_for_by_its_number_only_where_it_is_not_listed(
    world: World,
) -> None:
    await booked(world)
    world.provider.script.fail_next("booking", Unavailable("busy"))

    assert await sweep(world) == IN_ORDER

    assert world.provider.script.pending("booking") == 1


async def test_a_booking_the_organiser_does_not_know_at_all_is_told_and_stays_as_it_is(
    world: World,
) -> None:
    registration_id, number = await booked(world)
    lists_nothing(world, calls=1000)
    knows_no_booking(world, calls=1000)

    assert await sweep(world) == SET_RIGHT

    assert await told(world) == [AlertKind.BOOKING_GONE]
    with pytest.raises(Refused) as refusal:
        await wish(world, registration_id, CancelledBy.PROVIDER)
    assert [reason.code for reason in refusal.value.reasons] == ["booking_stands"]
    row = world.records.rows[registration_id]
    assert (row.status, row.fee_status) == (RegistrationStatus.COMPLETED, FeeStatus.PAID)
    assert world.bookings(registration_id) == [number]
