"""A bank that wants the parent: the same payment, approved or withdrawn, and one charge."""

import asyncio
from datetime import timedelta

from domain.errors import PaymentUnavailable
from domain.payments import ChargeStatus
from domain.states import FeeStatus
from gateways.fakes.payments import CardBehaviour
from tests.eventually import eventually
from tests.workflows.unpaid import asking, look_at_fee
from tests.workflows.world import World, card


async def test_a_payment_approved_on_the_banks_page_is_noticed_and_paid_once(world: World) -> None:
    registration_id, intent_id = await asking(world)
    answer = await world.door.registrations.get(world.user, registration_id)
    page = f"https://bank.invalid/{intent_id}"
    assert answer.fee_action_url == page
    await eventually(lambda: "Payment needed" in world.subjects())
    letter = next(one for one in world.mail.letters if one.subject.startswith("Payment needed"))
    assert page in letter.text

    world.payments.approve(intent_id)
    answer = await world.door.changes.retry_fee(world.user, registration_id)

    assert (answer.fee_status, answer.fee_action_url) == (FeeStatus.PAID, None)
    assert len(world.payments.sends) == 1
    await world.ended(registration_id)
    assert world.subjects()[-1] == "Fee paid"
    history = await world.run(registration_id).fetch_history()
    assert "bank.invalid" not in history.to_json()


async def test_a_fee_asked_for_before_its_approval_goes_on_waiting_with_its_link(
    world: World,
) -> None:
    registration_id, intent_id = await asking(world)

    answer = await world.door.changes.retry_fee(world.user, registration_id)

    assert answer.fee_status is FeeStatus.REQUIRES_ACTION
    assert answer.fee_action_url == f"https://bank.invalid/{intent_id}"
    assert len(world.payments.sends) == 1
    world.payments.script.fail_next("approval_page", PaymentUnavailable("down"))
    answer = await world.door.registrations.get(world.user, registration_id)
    assert (answer.fee_status, answer.fee_action_url) == (FeeStatus.REQUIRES_ACTION, None)


async def test_a_look_at_the_fee_settles_what_the_parent_approved(world: World) -> None:
    registration_id, intent_id = await asking(world)
    await look_at_fee(world, registration_id)
    assert world.records.rows[registration_id].fee_status is FeeStatus.REQUIRES_ACTION

    world.payments.approve(intent_id)
    await look_at_fee(world, registration_id)

    assert (await world.ended(registration_id)).fee_status is FeeStatus.PAID
    assert len(world.payments.sends) == 1


async def test_a_payment_refused_at_the_bank_is_over_and_the_next_one_asks_anew(
    world: World,
) -> None:
    registration_id, intent_id = await asking(world)
    world.payments.disapprove(intent_id)

    await look_at_fee(world, registration_id)
    assert world.records.rows[registration_id].fee_status is FeeStatus.DUE
    answer = await world.door.changes.retry_fee(world.user, registration_id)

    assert answer.fee_status is FeeStatus.REQUIRES_ACTION
    assert answer.fee_action_url == "https://bank.invalid/pi_2"
    assert [charge.number for charge in world.payments.sends] == [1, 2]
    # Ended at the service too, so that nobody can approve it after all.
    assert world.payments.payments[0].outcome.decline_code == "canceled"


async def test_another_card_withdraws_the_payment_that_waits_before_it_pays(world: World) -> None:
    registration_id, intent_id = await asking(world)
    await world.use_card(card(3), CardBehaviour.PAYS)

    answer = await world.door.changes.retry_fee(world.user, registration_id)
    world.payments.approve(intent_id)

    assert answer.fee_status is FeeStatus.PAID
    assert [one.outcome.status for one in world.payments.payments] == [
        ChargeStatus.DECLINED,
        ChargeStatus.SUCCEEDED,
    ]
    charges = await world.records.charges_of(registration_id)
    assert [(one.status.value, one.decline_code) for one in charges] == [
        ("declined", "canceled"),
        ("succeeded", None),
    ]


async def test_a_payment_approved_just_before_it_is_withdrawn_is_the_only_one(
    world: World,
) -> None:
    registration_id, intent_id = await asking(world)
    await world.use_card(card(3), CardBehaviour.PAYS)
    gate = world.payments.script.hold_next("withdraw")

    asked = asyncio.ensure_future(world.door.changes.retry_fee(world.user, registration_id))
    await eventually(lambda: not world.payments.script.pending("withdraw"))
    world.payments.approve(intent_id)
    gate.set()
    answer = await asked

    assert answer.fee_status is FeeStatus.PAID
    (taken,) = world.payments.taken(registration_id)
    assert taken.charge.number == 1
    assert len(world.payments.sends) == 1


async def test_a_payment_nobody_approved_for_30_days_can_be_approved_no_more(
    world: World,
) -> None:
    registration_id, intent_id = await asking(world)

    await world.until(world.clock.outside + timedelta(days=31))
    row = await world.ended(registration_id)
    world.payments.approve(intent_id)

    assert row.fee_status is FeeStatus.DUE
    assert world.payments.taken(registration_id) == []
    answer = await world.door.registrations.get(world.user, registration_id)
    assert answer.fee_action_url is None
