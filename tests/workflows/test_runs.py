"""A registration outlives its run: lost, doubled, cancelled or never asked for."""

from datetime import timedelta
from uuid import uuid4

import pytest
from temporalio.client import WorkflowFailureError
from temporalio.testing import WorkflowEnvironment

from domain.contracts import RegistrationOrder
from domain.errors import MailUndelivered, RecordRejected, RecordsMisconfigured
from domain.identifiers import registration_workflow_id
from domain.refusals import Refused
from domain.states import FeeStatus, NotificationKind, RegistrationStatus
from tests.eventually import eventually
from tests.workflows.hiccups import fails_once
from tests.workflows.sweeping import lose_run
from tests.workflows.world import World, build_world
from workflows.queues import REGISTRATIONS
from workflows.registration import RegistrationWorkflow


async def test_a_run_cancelled_in_the_web_ui_while_asleep_cancels_the_registration(
    world: World,
) -> None:
    registration_id = await world.scheduled()

    await world.run(registration_id).cancel()
    await world.run(registration_id).result()

    row = await world.records.registration(registration_id)
    assert row.status is RegistrationStatus.CANCELLED
    assert world.provider.sends == []


async def test_a_lost_run_is_started_again_by_confirming_and_keeps_the_moved_opening(
    dev_server: WorkflowEnvironment,
) -> None:
    world = await build_world(dev_server)
    async with world.served():
        draft = await world.draft(timedelta(seconds=30))
        await world.confirm(draft)
        later = world.real_now() + timedelta(seconds=4)
        world.event.opens_at = later
        await world.door.changes.reschedule(
            world.user, draft.registration_id, later.isoformat(), None
        )
        await world.run(draft.registration_id).terminate()

        await world.confirm(draft)
        row = await world.ended(draft.registration_id)

    assert (row.status, row.scheduled_time) == (RegistrationStatus.COMPLETED, later)
    assert len(world.provider.sends) == 1


@pytest.mark.parametrize("stands", [True, False])
async def test_a_run_lost_between_its_booking_and_the_outcome_is_followed_and_books_no_second_time(
    dev_server: WorkflowEnvironment, stands: bool
) -> None:
    world = await build_world(dev_server)
    async with world.served():
        draft = await world.draft(timedelta(seconds=4))
        gate = world.payments.script.hold_next("charge")
        await world.confirm(draft)
        await eventually(lambda: bool(world.payments.sends))
        (number,) = world.bookings(draft.registration_id)
        await world.run(draft.registration_id).terminate()
        gate.set()
        world.event.seats = 0
        if not stands:
            world.provider.cancel_from_their_side(number)
            world.event.seats = 10

        await world.door.changes.start_again(draft.registration_id)
        ends = RegistrationStatus.COMPLETED if stands else RegistrationStatus.NEEDS_REVIEW
        row = await world.row_when(draft.registration_id, lambda row: row.status is ends)

    assert len(world.provider.sends) == 1
    assert len(world.payments.taken(draft.registration_id)) == 1
    assert row.booking_number == (number if stands else None)
    assert row.fee_status is (FeeStatus.PAID if stands else FeeStatus.NOT_DUE)


async def test_a_run_that_took_over_tells_of_the_problems_that_it_finds_itself(
    world: World,
) -> None:
    registration_id = await world.scheduled(timedelta(days=3))
    opening = (await world.records.registration(registration_id)).scheduled_time
    world.event.seats = 0

    def told() -> int:
        rows = world.records.outbox.values()
        return sum(row.notification.kind is NotificationKind.PROBLEM_AHEAD for row in rows)

    await world.until(opening - timedelta(hours=23))
    await eventually(lambda: told() == 1)
    await lose_run(world, registration_id)
    await world.door.changes.start_again(registration_id)
    await world.until(opening - timedelta(minutes=10))

    await eventually(lambda: told() == 2)


async def test_a_run_whose_confirm_never_comes_ends_itself(world: World) -> None:
    registration_id = uuid4()
    handle = await world.client.start_workflow(
        RegistrationWorkflow.run,
        RegistrationOrder(registration_id=registration_id),
        id=registration_workflow_id(registration_id),
        task_queue=REGISTRATIONS,
    )

    await world.env.sleep(timedelta(hours=3))
    with pytest.raises(WorkflowFailureError):
        await handle.result()


async def test_a_change_the_database_refuses_is_answered_and_the_run_goes_on(
    world: World,
) -> None:
    registration_id = await world.scheduled()
    fails_once(world.records, "cancel", RecordRejected("23514", "no"))

    with pytest.raises(Refused) as refused:
        await world.door.changes.cancel(world.user, registration_id)

    assert [reason.code for reason in refused.value.reasons] == ["temporarily_unavailable"]
    assert (await world.ended(registration_id)).status is RegistrationStatus.COMPLETED


@pytest.mark.parametrize("step", ["claim", "record_outcome"])
async def test_a_refused_database_key_is_waited_out_not_died_of(world: World, step: str) -> None:
    registration_id = await world.scheduled()
    refused = RecordsMisconfigured("the data API refused our key")
    fails_once(world.records, step, refused)

    row = await world.ended(registration_id)

    assert (row.status, row.fee_status) == (RegistrationStatus.COMPLETED, FeeStatus.PAID)
    assert len(world.provider.sends) == 1


async def test_a_letter_refused_for_good_holds_up_no_later_one(world: World) -> None:
    world.mail.script.fail_next("send", MailUndelivered("no such box", permanent=True))
    registration_id = await world.scheduled()

    await world.ended(registration_id)

    assert "Booked" in world.subjects()
