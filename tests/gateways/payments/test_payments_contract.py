"""What every payment service does, in memory or over the wire."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from domain.errors import KeyReused, PaymentMisconfigured, PaymentUnavailable, PaymentUnknown
from domain.money import Money
from domain.payments import ChargeStatus
from gateways.fakes.payments import CardBehaviour
from tests.gateways.payments.payment_worlds import (
    RETURN_URL,
    PaymentWorld,
    charge_of,
    frozen_charge,
    saved_card,
)


async def test_a_user_keeps_one_customer(world: PaymentWorld) -> None:
    user, other = uuid4(), uuid4()
    customer = await world.payments.create_customer(user)

    assert await world.payments.create_customer(user) == customer
    assert await world.payments.create_customer(other) != customer


async def test_a_customer_is_deleted_once_and_what_was_paid_stays(world: PaymentWorld) -> None:
    charge = await frozen_charge(world)
    await world.payments.charge(charge)

    for _ in range(2):
        await world.payments.delete_customer(charge.customer_id)
    await world.payments.delete_customer("cus_nobody")

    assert world.taken(charge.registration_id) == 1
    with pytest.raises(PaymentMisconfigured):
        await world.payments.start_card_setup(charge.customer_id, RETURN_URL)


async def test_a_card_is_there_once_the_parent_has_saved_it(world: PaymentWorld) -> None:
    customer = await world.payments.create_customer(uuid4())
    setup = await world.payments.start_card_setup(customer, RETURN_URL)

    assert setup.url.startswith("http")
    assert setup.expires_at > datetime.now(UTC)
    assert await world.payments.card_from_setup(setup.session_id) is None
    await world.complete_setup(setup.session_id, CardBehaviour.PAYS)
    card = await world.payments.card_from_setup(setup.session_id)

    assert card is not None
    assert (card.brand, card.last4) == ("visa", "4242")
    assert not card.expired(datetime.now(UTC).date())


async def test_a_session_nobody_started_is_a_misconfiguration(world: PaymentWorld) -> None:
    with pytest.raises(PaymentMisconfigured):
        await world.payments.card_from_setup("cs_test_nobody")


async def test_a_charge_repeated_under_its_key_takes_the_money_once(world: PaymentWorld) -> None:
    charge = await frozen_charge(world)

    first = await world.payments.charge(charge)
    again = await world.payments.charge(charge)

    assert first.status is ChargeStatus.SUCCEEDED
    assert first.number == 1
    assert again == first
    assert world.taken(charge.registration_id) == 1


async def test_a_decline_is_definite_and_replays_until_a_new_number_is_charged(
    world: PaymentWorld,
) -> None:
    charge = await frozen_charge(world, CardBehaviour.DECLINES)

    declined = await world.payments.charge(charge)
    assert declined.status is ChargeStatus.DECLINED
    assert declined.decline_code == "generic_decline"
    assert await world.payments.charge(charge) == declined

    better = await saved_card(world, charge.customer_id, CardBehaviour.PAYS)
    second = charge_of(charge.registration_id, 2, charge.customer_id, better)
    paid = await world.payments.charge(second)
    assert (paid.status, paid.number) == (ChargeStatus.SUCCEEDED, 2)
    assert world.taken(charge.registration_id) == 1


async def test_a_bank_that_asks_for_the_parent_requires_action(world: PaymentWorld) -> None:
    charge = await frozen_charge(world, CardBehaviour.ASKS_FOR_APPROVAL)

    outcome = await world.payments.charge(charge)

    assert outcome.status is ChargeStatus.REQUIRES_ACTION
    assert outcome.payment_intent_id
    assert world.taken(charge.registration_id) == 0


async def test_parameters_that_drift_under_a_key_are_refused(world: PaymentWorld) -> None:
    charge = await frozen_charge(world)
    await world.payments.charge(charge)
    dearer = charge.model_copy(update={"amount": Money(amount_cents=9_900)})

    with pytest.raises(KeyReused):
        await world.payments.charge(dearer)

    assert world.taken(charge.registration_id) == 1


async def test_a_card_the_service_does_not_know_is_a_definite_no(world: PaymentWorld) -> None:
    charge = await frozen_charge(world)

    outcome = await world.payments.charge(
        charge.model_copy(update={"payment_method_id": "pm_none"})
    )

    assert (outcome.status, outcome.payment_intent_id) == (ChargeStatus.DECLINED, None)
    assert outcome.decline_code == "resource_missing"
    assert world.taken(charge.registration_id) == 0


async def test_after_a_lost_answer_the_same_key_is_the_look_up(world: PaymentWorld) -> None:
    charge = await frozen_charge(world)
    world.lose_next_answer()

    with pytest.raises(PaymentUnknown):
        await world.payments.charge(charge)
    outcome = await world.payments.charge(charge)

    assert outcome.status is ChargeStatus.SUCCEEDED
    assert world.taken(charge.registration_id) == 1


async def test_a_charge_refused_before_it_began_may_be_repeated(world: PaymentWorld) -> None:
    charge = await frozen_charge(world)
    world.refuse_next()

    with pytest.raises(PaymentUnavailable):
        await world.payments.charge(charge)

    assert world.taken(charge.registration_id) == 0
    assert (await world.payments.charge(charge)).status is ChargeStatus.SUCCEEDED


async def test_a_charge_is_found_by_registration_and_number_when_the_key_is_gone(
    world: PaymentWorld,
) -> None:
    charge = await frozen_charge(world)
    since = datetime.now(UTC)
    assert await world.payments.find_charge(charge, since) is None
    world.lose_next_answer()
    with pytest.raises(PaymentUnknown):
        await world.payments.charge(charge)
    world.forget_keys()

    found = await world.payments.find_charge(charge, since)

    assert found is not None
    assert (found.status, found.number) == (ChargeStatus.SUCCEEDED, 1)
    other_number = charge.model_copy(update={"number": 2})
    assert await world.payments.find_charge(other_number, since) is None
    other_registration = charge.model_copy(update={"registration_id": uuid4()})
    assert await world.payments.find_charge(other_registration, since) is None
    assert await world.payments.find_charge(charge, since + timedelta(days=2)) is None


@pytest.mark.parametrize(
    ("behaviour", "status"),
    [
        (CardBehaviour.DECLINES, ChargeStatus.DECLINED),
        (CardBehaviour.ASKS_FOR_APPROVAL, ChargeStatus.REQUIRES_ACTION),
    ],
)
async def test_a_charge_that_took_nothing_is_found_as_what_it_was(
    world: PaymentWorld, behaviour: CardBehaviour, status: ChargeStatus
) -> None:
    charge = await frozen_charge(world, behaviour)
    since = datetime.now(UTC)
    answered = await world.payments.charge(charge)

    found = await world.payments.find_charge(charge, since)

    assert found is not None
    assert (found.status, found.payment_intent_id) == (status, answered.payment_intent_id)


async def test_a_key_forgotten_by_the_service_charges_anew(world: PaymentWorld) -> None:
    charge = await frozen_charge(world)
    await world.payments.charge(charge)
    world.forget_keys()

    await world.payments.charge(charge)

    assert world.taken(charge.registration_id) == 2
