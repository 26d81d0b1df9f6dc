"""A card saved on the hosted page counts at once, whether or not the chat asks about it."""

import asyncio
from datetime import timedelta

from domain.states import FeeStatus, RegistrationStatus
from gateways.fakes.payments import CardBehaviour
from tests.eventually import eventually
from tests.workflows.world import World, card


async def _saved_but_never_asked_about(world: World, number: int) -> None:
    setup = await world.door.cards.start_setup(world.user)
    world.payments.complete_setup(setup.session_id, card(number), CardBehaviour.PAYS)


async def test_a_card_saved_just_before_the_confirm_is_charged(world: World) -> None:
    draft = await world.draft()
    await _saved_but_never_asked_about(world, 7)

    await world.confirm(draft)
    await world.ended(draft.registration_id)

    assert [c.payment_method_id for c in world.payments.sends] == ["pm_7"]


async def test_a_card_saved_while_the_registration_sleeps_is_charged(world: World) -> None:
    registration_id = await world.scheduled(timedelta(days=3))
    await _saved_but_never_asked_about(world, 8)

    await world.ended(registration_id)

    assert [c.payment_method_id for c in world.payments.sends] == ["pm_8"]


async def test_a_fee_tried_again_goes_to_the_card_saved_meanwhile(world: World) -> None:
    registration_id = await world.scheduled()
    await world.use_card(card(2), CardBehaviour.DECLINES)
    await world.until_opening(registration_id)
    await world.row_when(registration_id, lambda r: r.status is RegistrationStatus.COMPLETED)
    await _saved_but_never_asked_about(world, 9)

    answer = await world.door.changes.retry_fee(world.user, registration_id)

    assert answer.fee_status is FeeStatus.PAID
    assert world.payments.sends[-1].payment_method_id == "pm_9"


async def test_a_card_page_that_is_still_open_is_given_again_not_replaced(world: World) -> None:
    first = await world.door.cards.start_setup(world.user)

    assert await world.door.cards.start_setup(world.user) == first
    assert (await world.door.cards.payment_method(world.user)).setup_pending


async def test_a_card_saved_on_either_of_two_pages_asked_for_at_once_counts(world: World) -> None:
    late = world.payments.script.hold_next("start_card_setup", after_commit=True)
    asked_first = asyncio.create_task(world.door.cards.start_setup(world.user))
    await eventually(lambda: world.payments.script.pending("start_card_setup") == 0)
    asked_second = await world.door.cards.start_setup(world.user)
    late.set()

    assert await asked_first == asked_second


async def test_a_card_saved_on_an_earlier_page_survives_asking_for_another(world: World) -> None:
    await _saved_but_never_asked_about(world, 5)

    await world.door.cards.start_setup(world.user)

    shown = (await world.door.cards.payment_method(world.user)).card
    assert shown is not None
    assert "payment_method_id" not in shown.model_dump()
    assert (await world.records.profile(world.user)).card == card(5)
