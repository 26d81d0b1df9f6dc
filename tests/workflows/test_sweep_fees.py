"""Money that is not settled, and whether somebody is at it."""

import asyncio
from datetime import timedelta
from uuid import UUID

from domain.alerts import AlertKind
from domain.errors import PaymentUnavailable, PaymentUnknown
from domain.identifiers import review_workflow_id
from domain.payments import NEVER_MADE, ChargeStatus
from domain.states import FeeStatus, RegistrationStatus
from domain.sweeps import FeeReport
from gateways.fakes.payments import CardBehaviour
from tests.eventually import eventually
from tests.workflows.reviews import booked_unseen, found, resolve
from tests.workflows.sweeping import alerts, later, lose_run, sweep_fees
from tests.workflows.unpaid import asking, undecided
from tests.workflows.world import World, card


async def _booked_but_unpaid(world: World) -> UUID:
    registration_id = await world.scheduled()
    await world.use_card(card(2), CardBehaviour.DECLINES)
    await world.until_opening(registration_id)
    await world.row_when(registration_id, lambda row: row.status is RegistrationStatus.COMPLETED)
    return registration_id


async def test_a_run_with_a_due_fee_is_asked_to_look_and_then_left_alone_for_a_while(
    world: World,
) -> None:
    await _booked_but_unpaid(world)

    assert await sweep_fees(world) == FeeReport(asked=1)
    assert await sweep_fees(world) == FeeReport()
    assert await alerts(world) == []


async def test_a_due_fee_of_a_review_that_was_decided_later_is_asked_after_too(
    world: World,
) -> None:
    registration_id, booking = await booked_unseen(world)
    await later(world, timedelta(days=31))
    await world.run(registration_id).result()
    await world.use_card(card(2), CardBehaviour.ASKS_FOR_APPROVAL)
    await resolve(world, found(registration_id, booking.booking_number))
    (payment,) = world.payments.payments
    assert payment.answered.payment_intent_id is not None
    world.payments.approve(payment.answered.payment_intent_id)

    assert await sweep_fees(world) == FeeReport(asked=1)

    await world.row_when(registration_id, lambda row: row.fee_status is FeeStatus.PAID)


async def test_a_due_fee_that_nobody_tries_is_told_after_the_settlement_time(
    world: World,
) -> None:
    registration_id = await _booked_but_unpaid(world)
    await lose_run(world, registration_id)
    assert await sweep_fees(world) == FeeReport()
    await later(world, timedelta(days=31))

    assert await sweep_fees(world) == FeeReport(alerts=1)

    ((kind, sentence),) = await alerts(world)
    assert kind is AlertKind.FEE_UNSETTLED
    assert "nothing tries it any more" in sentence


async def test_a_charge_without_an_answer_is_told_only_when_its_run_is_gone(
    world: World,
) -> None:
    registration_id = await _booked_but_unpaid(world)
    (charge,) = world.records.charges[registration_id]
    world.records.charges[registration_id] = [
        charge.model_copy(update={"status": ChargeStatus.FROZEN})
    ]
    await later(world, timedelta(hours=2))
    assert (await sweep_fees(world)).alerts == 0
    await lose_run(world, registration_id)

    assert (await sweep_fees(world)).alerts == 1

    ((kind, sentence),) = await alerts(world)
    assert kind is AlertKind.FEE_UNSETTLED
    assert "its answer never arrived" in sentence


async def test_a_charge_that_a_late_review_repeats_is_not_told(world: World) -> None:
    registration_id, booking = await booked_unseen(world)
    await later(world, timedelta(days=31))
    await world.run(registration_id).result()
    silent = PaymentUnknown("reset")
    world.payments.script.fail_next("charge", silent, times=10_000)
    deciding = asyncio.ensure_future(resolve(world, found(registration_id, booking.booking_number)))
    await eventually(lambda: bool(world.payments.sends))
    await later(world, timedelta(minutes=4))
    assert (await deciding).fee_status is FeeStatus.DUE
    await later(world, timedelta(hours=2))

    assert (await sweep_fees(world)).alerts == 0

    await world.client.get_workflow_handle(review_workflow_id(registration_id)).terminate()
    assert (await sweep_fees(world)).alerts == 1


async def test_a_charge_that_a_cancellation_is_deciding_is_not_told(world: World) -> None:
    registration_id = await undecided(world, PaymentUnknown("reset"), made=False)
    await later(world, timedelta(hours=2))
    world.payments.script.fail_next("find_charge", PaymentUnavailable("down"), times=10_000)
    cancelling = asyncio.ensure_future(world.door.changes.cancel(world.user, registration_id))
    await world.run(registration_id).result()

    assert (await sweep_fees(world)).alerts == 0

    world.payments.script.clear()
    await later(world, timedelta(hours=2))
    assert (await cancelling).status is RegistrationStatus.CANCELLED


async def test_a_charge_given_up_as_never_made_that_took_money_after_all_is_told(
    world: World,
) -> None:
    registration_id = await world.scheduled()
    await world.ended(registration_id)
    (charge,) = world.records.charges[registration_id]
    given_up = {"status": ChargeStatus.DECLINED, "decline_code": NEVER_MADE}
    world.records.charges[registration_id] = [
        charge.model_copy(update={**given_up, "payment_intent_id": None})
    ]
    assert await sweep_fees(world) == FeeReport()
    await later(world, timedelta(hours=2))

    assert await sweep_fees(world) == FeeReport(alerts=1)

    ((kind, sentence),) = await alerts(world)
    assert kind is AlertKind.CHARGE_UNEXPECTED
    assert str(registration_id) in sentence


async def test_a_fee_approved_while_its_run_is_gone_is_told(world: World) -> None:
    registration_id, intent_id = await asking(world)
    await lose_run(world, registration_id)
    assert await sweep_fees(world) == FeeReport()
    world.payments.approve(intent_id)
    await later(world, timedelta(hours=1))

    assert await sweep_fees(world) == FeeReport(alerts=1)

    ((kind, _),) = await alerts(world)
    assert kind is AlertKind.CHARGE_UNEXPECTED


async def test_a_completed_registration_without_a_receipt_is_told(world: World) -> None:
    registration_id = await world.scheduled()
    await world.ended(registration_id)
    del world.records.issued[registration_id]

    assert await sweep_fees(world) == FeeReport(alerts=1)

    assert "has no receipt" in (await alerts(world))[0][1]
