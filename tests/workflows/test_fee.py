import asyncio
from datetime import timedelta

import pytest

from domain.errors import PaymentStuck, PaymentUnavailable
from domain.refusals import Refused
from domain.states import FeeStatus, RegistrationStatus
from gateways.fakes.payments import CardBehaviour
from tests.eventually import eventually
from tests.workflows.unpaid import booked_but_unpaid, undecided
from tests.workflows.world import World, card


async def test_a_decline_leaves_the_booking_the_fee_due_and_one_charge_tried(
    world: World,
) -> None:
    registration_id, row = await booked_but_unpaid(world)

    assert row.fee_status is FeeStatus.DUE
    assert row.receipt_code is not None
    assert world.bookings(registration_id) == [row.booking_number]
    assert len(world.payments.sends) == 1
    assert world.payments.taken(registration_id) == []


async def test_a_bank_that_wants_approval_leaves_the_fee_as_requiring_action(
    world: World,
) -> None:
    _, row = await booked_but_unpaid(world, CardBehaviour.ASKS_FOR_APPROVAL)

    assert row.fee_status is FeeStatus.REQUIRES_ACTION


async def test_another_card_pays_the_due_fee_under_a_new_charge_number(world: World) -> None:
    registration_id, _ = await booked_but_unpaid(world)
    await world.use_card(card(3), CardBehaviour.PAYS)

    answer = await world.door.changes.retry_fee(world.user, registration_id)

    assert answer.fee_status is FeeStatus.PAID
    assert [charge.idempotency_key[-2:] for charge in world.payments.sends] == ["-1", "-2"]
    assert len(world.payments.taken(registration_id)) == 1
    row = await world.ended(registration_id)
    receipts = await world.door.registrations.receipts(world.user)
    assert [receipt.fee_status for receipt in receipts] == [row.fee_status]
    assert world.subjects()[-1] == "Fee paid"


async def test_a_card_declined_again_is_said_and_may_be_tried_again(world: World) -> None:
    registration_id, _ = await booked_but_unpaid(world)

    with pytest.raises(Refused) as refused:
        await world.door.changes.retry_fee(world.user, registration_id)

    assert [reason.code for reason in refused.value.reasons] == ["fee_still_due"]
    await world.use_card(card(4), CardBehaviour.PAYS)
    answer = await world.door.changes.retry_fee(world.user, registration_id)
    assert answer.fee_status is FeeStatus.PAID


async def test_a_fee_never_paid_leaves_the_booking_when_the_run_ends_after_30_days(
    world: World,
) -> None:
    registration_id, row = await booked_but_unpaid(world)

    await world.until(row.scheduled_time + timedelta(days=31))
    row = await world.ended(registration_id)

    assert (row.status, row.fee_status) == (RegistrationStatus.COMPLETED, FeeStatus.DUE)
    assert len(world.payments.sends) == 1


async def test_retrying_a_paid_fee_is_refused(world: World) -> None:
    registration_id = await world.scheduled()
    await world.ended(registration_id)

    with pytest.raises(Refused):
        await world.door.changes.retry_fee(world.user, registration_id)
    assert len(world.payments.sends) == 1


async def test_a_payment_service_that_is_down_withholds_no_receipt_and_is_paid_later(
    world: World,
) -> None:
    registration_id = await world.scheduled()
    world.payments.script.fail_next("charge", PaymentUnavailable("down"), times=30)
    await world.until_opening(registration_id)
    await world.until(world.clock.outside + timedelta(minutes=4))
    row = await world.row_when(registration_id, lambda r: r.status is RegistrationStatus.COMPLETED)
    assert (row.fee_status, row.receipt_code is not None) == (FeeStatus.DUE, True)

    await world.until(world.clock.outside + timedelta(days=3))
    row = await world.ended(registration_id)

    assert row.fee_status is FeeStatus.PAID
    assert {charge.number for charge in world.payments.sends} == {1}
    assert len(world.payments.taken(registration_id)) == 1


async def test_a_card_saved_while_a_charge_is_undecided_pays_where_the_old_one_is_declined(
    world: World,
) -> None:
    registration_id = await world.scheduled()
    await world.use_card(card(2), CardBehaviour.DECLINES)
    world.payments.script.fail_next("charge", PaymentUnavailable("down"), times=10_000)
    await world.until_opening(registration_id)
    await world.until(world.clock.outside + timedelta(minutes=4))
    await world.row_when(registration_id, lambda r: r.status is RegistrationStatus.COMPLETED)
    world.payments.script.clear()
    await world.use_card(card(3), CardBehaviour.PAYS)

    answer = await world.door.changes.retry_fee(world.user, registration_id)

    assert answer.fee_status is FeeStatus.PAID
    assert [(c.number, c.payment_method_id) for c in world.payments.sends[-2:]] == [
        (1, "pm_2"),
        (2, "pm_3"),
    ]


async def test_a_charge_never_made_within_a_day_is_over_and_the_next_one_is_tried(
    world: World,
) -> None:
    registration_id = await world.scheduled()
    world.payments.script.fail_next("charge", PaymentUnavailable("down"), times=10_000)
    await world.until_opening(registration_id)
    await world.until(world.clock.outside + timedelta(hours=25))
    world.payments.script.clear()

    await world.until(world.clock.outside + timedelta(days=2))
    row = await world.ended(registration_id)

    assert row.fee_status is FeeStatus.PAID
    assert world.payments.taken(registration_id)[0].charge.number == 2
    assert len(world.payments.taken(registration_id)) == 1


async def test_asking_for_the_fee_while_it_is_being_charged_waits_for_what_comes_of_it(
    world: World,
) -> None:
    registration_id = await world.scheduled()
    await world.use_card(card(2), CardBehaviour.DECLINES)
    gate = world.payments.script.hold_next("charge")
    await world.until_opening(registration_id)
    await eventually(lambda: bool(world.payments.sends))
    await world.use_card(card(3), CardBehaviour.PAYS)

    asking = asyncio.ensure_future(world.door.changes.retry_fee(world.user, registration_id))
    gate.set()
    answer = await asking

    assert answer.fee_status is FeeStatus.PAID
    assert len(world.payments.taken(registration_id)) == 1


async def test_a_failure_that_stripe_replays_is_looked_up_and_then_charged_anew(
    world: World,
) -> None:
    registration_id = await undecided(world, PaymentStuck("500"), made=False)
    world.payments.script.clear()
    world.payments.script.fail_next("charge", PaymentStuck("500"))

    await world.until(world.clock.outside + timedelta(minutes=10))
    row = await world.ended(registration_id)

    assert row.fee_status is FeeStatus.PAID
    (taken,) = world.payments.taken(registration_id)
    assert taken.charge.number == 2
    assert world.subjects().count("Payment needed") == 1


async def test_a_failure_that_stripe_replays_may_have_taken_the_money_and_is_found(
    world: World,
) -> None:
    registration_id = await undecided(world, PaymentStuck("500"), made=True)
    await world.until(world.clock.outside + timedelta(minutes=20))
    row = await world.ended(registration_id)

    assert row.fee_status is FeeStatus.PAID
    (taken,) = world.payments.taken(registration_id)
    assert taken.charge.number == 1
