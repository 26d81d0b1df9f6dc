"""A charge whose bank asks for the parent, in memory or over the wire."""

import pytest

from domain.payments import ChargeStatus, FrozenCharge
from gateways.fakes.payments import CardBehaviour
from tests.gateways.payments.payment_worlds import (
    RETURN_URL,
    PaymentWorld,
    charge_of,
    frozen_charge,
    saved_card,
)


async def asking(world: PaymentWorld) -> tuple[FrozenCharge, str]:
    """A charge that waits for the parent's approval, and its payment."""
    charge = await frozen_charge(world, CardBehaviour.ASKS_FOR_APPROVAL)
    intent_id = (await world.payments.charge(charge)).payment_intent_id
    assert intent_id is not None
    return charge, intent_id


async def page_of(world: PaymentWorld, charge: FrozenCharge, intent_id: str) -> str:
    page = await world.payments.approval_page(charge, intent_id, RETURN_URL)
    assert page is not None
    return page


async def test_a_charge_approved_on_the_banks_page_is_the_same_charge_paid(
    world: PaymentWorld,
) -> None:
    charge, intent_id = await asking(world)
    waiting = await world.payments.outcome(charge, intent_id)
    assert (waiting.status, waiting.number) == (ChargeStatus.REQUIRES_ACTION, 1)
    page = await page_of(world, charge, intent_id)
    assert page.startswith("http")
    assert await page_of(world, charge, intent_id) == page

    await world.answer_bank(page, approve=True)

    paid = await world.payments.outcome(charge, intent_id)
    assert (paid.status, paid.payment_intent_id) == (ChargeStatus.SUCCEEDED, intent_id)
    assert await world.payments.approval_page(charge, intent_id, RETURN_URL) is None
    assert world.taken(charge.registration_id) == 1


async def test_a_charge_refused_on_the_banks_page_is_declined_and_asks_no_more(
    world: PaymentWorld,
) -> None:
    charge, intent_id = await asking(world)
    await world.answer_bank(await page_of(world, charge, intent_id), approve=False)

    declined = await world.payments.outcome(charge, intent_id)

    assert declined.status is ChargeStatus.DECLINED
    assert declined.decline_code == "payment_intent_authentication_failure"
    assert await world.payments.approval_page(charge, intent_id, RETURN_URL) is None


@pytest.mark.parametrize("shown", [False, True])
async def test_a_charge_withdrawn_can_be_approved_no_more(world: PaymentWorld, shown: bool) -> None:
    charge, intent_id = await asking(world)
    if shown:
        await page_of(world, charge, intent_id)

    for _ in range(2):
        withdrawn = await world.payments.withdraw(charge, intent_id)
        assert (withdrawn.status, withdrawn.decline_code) == (ChargeStatus.DECLINED, "canceled")

    assert await world.payments.approval_page(charge, intent_id, RETURN_URL) is None
    assert (await world.payments.outcome(charge, intent_id)).status is ChargeStatus.DECLINED
    better = await saved_card(world, charge.customer_id, CardBehaviour.PAYS)
    await world.payments.charge(charge_of(charge.registration_id, 2, charge.customer_id, better))
    assert world.taken(charge.registration_id) == 1


async def test_withdrawing_what_was_approved_just_before_leaves_it_paid(
    world: PaymentWorld,
) -> None:
    charge, intent_id = await asking(world)
    await world.answer_bank(await page_of(world, charge, intent_id), approve=True)

    outcome = await world.payments.withdraw(charge, intent_id)

    assert outcome.status is ChargeStatus.SUCCEEDED
    assert world.taken(charge.registration_id) == 1
