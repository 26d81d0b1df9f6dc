"""A cancellation becomes its row's only writer, whoever wrote it before."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from temporalio.client import WorkflowHandle

from domain.contracts import FeeOrder, Standing
from domain.errors import Conflict, PaymentUnknown
from domain.identifiers import review_workflow_id
from domain.refusals import Refused
from domain.registrations import Registration
from domain.review import ReviewOrder
from domain.states import FeeStatus, RegistrationStatus
from gateways.fakes.payments import CardBehaviour
from tests.eventually import eventually
from tests.workflows.reviews import booked_unseen, found, resolve
from tests.workflows.sweeping import later
from tests.workflows.unpaid import undecided
from tests.workflows.world import World, card
from workflows.queues import REGISTRATIONS
from workflows.review_workflow import ReviewWorkflow

CANCELLED = RegistrationStatus.CANCELLED


async def decided_late(world: World) -> UUID:
    """Booked by a decision that came after its own run had ended; its fee declined."""
    registration_id, booking = await booked_unseen(world)
    await later(world, timedelta(days=31))
    await world.run(registration_id).result()
    await world.use_card(card(2), CardBehaviour.DECLINES)
    await resolve(world, found(registration_id, booking.booking_number))
    return registration_id


async def cancelled(world: World, registration_id: UUID) -> Registration:
    await world.door.changes.cancel(world.user, registration_id)
    return await world.records.registration(registration_id)


def review_run(
    world: World, registration_id: UUID
) -> WorkflowHandle[ReviewWorkflow, Standing | None]:
    return world.client.get_workflow_handle_for(
        ReviewWorkflow.run, review_workflow_id(registration_id)
    )


async def test_the_run_of_a_late_review_stands_down_and_its_fee_is_due_no_more(
    world: World,
) -> None:
    registration_id = await decided_late(world)

    row = await cancelled(world, registration_id)

    assert (row.status, row.fee_status) == (CANCELLED, FeeStatus.NOT_DUE)
    async with asyncio.timeout(20):
        left = await review_run(world, registration_id).result()
    assert left is not None
    assert left.status is RegistrationStatus.COMPLETED
    await world.use_card(card(3), CardBehaviour.PAYS)
    with pytest.raises(Refused):
        await world.door.changes.retry_fee(world.user, registration_id)


async def test_a_review_that_only_listens_holds_no_cancellation_up(world: World) -> None:
    registration_id = await world.scheduled()
    await world.ended(registration_id)
    listening = await world.client.start_workflow(
        ReviewWorkflow.run,
        ReviewOrder(registration_id=registration_id, timing=world.timing),
        id=review_workflow_id(registration_id),
        task_queue=REGISTRATIONS,
    )

    async with asyncio.timeout(15):
        row = await cancelled(world, registration_id)
        left = await listening.result()

    assert (row.status, row.fee_status) == (CANCELLED, FeeStatus.REFUNDED)
    assert left is None


async def test_a_charge_that_somebody_else_settles_meanwhile_is_read_anew_and_refunded(
    world: World,
) -> None:
    registration_id = await undecided(world, PaymentUnknown("reset"), made=True)
    settle, first = world.records.settle_fee, True

    async def forestalled(order: FeeOrder) -> Standing:
        nonlocal first
        if first:
            first = False
            await settle(order.model_copy(update={"operation_key": "somebody/else/1"}))
        return await settle(order)

    world.records.settle_fee = forestalled  # type: ignore[method-assign]

    row = await cancelled(world, registration_id)

    assert (row.status, row.fee_status) == (CANCELLED, FeeStatus.REFUNDED)
    assert len(world.payments.refunds.given_back(registration_id)) == 1


async def test_a_charge_that_turns_out_paid_as_it_is_closed_is_refunded(world: World) -> None:
    registration_id = await undecided(world, PaymentUnknown("reset"), made=True)
    find, close = world.payments.find_charge, world.records.close_charge

    async def closed(*_: object) -> None:
        world.payments.find_charge = find  # type: ignore[method-assign]
        world.records.close_charge = close  # type: ignore[method-assign]
        raise Conflict("the charge ended already: succeeded")

    async def lists_nothing(*_: object) -> None:
        return None

    world.payments.find_charge = lists_nothing  # type: ignore[method-assign]
    world.records.close_charge = closed  # type: ignore[method-assign]

    cancelling = asyncio.ensure_future(cancelled(world, registration_id))
    await eventually(lambda: registration_id in world.records.cancellations)
    await later(world, timedelta(minutes=3))
    row = await cancelling

    assert (row.status, row.fee_status) == (CANCELLED, FeeStatus.REFUNDED)
