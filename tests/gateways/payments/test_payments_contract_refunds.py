"""The fee given back, in memory or over the wire."""

from datetime import UTC, datetime

import pytest

from domain.errors import PaymentMisconfigured, PaymentUnknown
from domain.identifiers import refund_key
from domain.refunds import FrozenRefund, RefundReason, RefundStatus
from gateways.fakes.payments import CardBehaviour
from tests.gateways.payments.payment_worlds import PaymentWorld, frozen_charge


async def frozen_refund(
    world: PaymentWorld, behaviour: CardBehaviour = CardBehaviour.PAYS
) -> FrozenRefund:
    """Of a charge made on such a card."""
    charge = await frozen_charge(world, behaviour)
    made = await world.payments.charge(charge)
    assert made.payment_intent_id is not None
    return FrozenRefund(
        registration_id=charge.registration_id,
        idempotency_key=refund_key(charge.registration_id),
        charge_number=charge.number,
        payment_intent_id=made.payment_intent_id,
        amount=charge.amount,
        reason=RefundReason.PROVIDER_CANCELLED,
        first_sent_at=datetime.now(UTC),
    )


async def test_a_refund_repeated_under_its_key_gives_back_once(world: PaymentWorld) -> None:
    refund = await frozen_refund(world)
    assert await world.payments.find_refund(refund) is None

    first = await world.payments.refund(refund)

    assert first.status is RefundStatus.SUCCEEDED
    assert await world.payments.refund(refund) == first
    assert await world.payments.find_refund(refund) == first
    assert world.given_back(refund.registration_id) == 1


async def test_after_a_lost_answer_the_same_key_is_the_look_up_of_a_refund(
    world: PaymentWorld,
) -> None:
    refund = await frozen_refund(world)
    world.lose_next_answer("refund")

    with pytest.raises(PaymentUnknown):
        await world.payments.refund(refund)

    assert (await world.payments.refund(refund)).status is RefundStatus.SUCCEEDED
    assert world.given_back(refund.registration_id) == 1


async def test_a_forgotten_key_gives_back_nothing_more(world: PaymentWorld) -> None:
    refund = await frozen_refund(world)
    first = await world.payments.refund(refund)
    world.forget_keys()

    again = await world.payments.refund(refund)

    assert again == first
    assert world.given_back(refund.registration_id) == 1


async def test_a_refund_of_what_was_never_paid_is_refused_for_good(world: PaymentWorld) -> None:
    refund = await frozen_refund(world, CardBehaviour.DECLINES)

    outcome = await world.payments.refund(refund)

    assert (outcome.status, outcome.refund_id) == (RefundStatus.FAILED, None)
    assert outcome.failure_code == "request_refused"
    assert world.given_back(refund.registration_id) == 0


async def test_parameters_of_a_refund_that_drift_are_refused(world: PaymentWorld) -> None:
    refund = await frozen_refund(world)
    await world.payments.refund(refund)
    less = refund.amount.model_copy(update={"amount_cents": 100})

    with pytest.raises(PaymentMisconfigured):
        await world.payments.refund(refund.model_copy(update={"amount": less}))


async def test_a_refund_that_the_bank_sends_back_has_failed_when_it_is_looked_up(
    world: PaymentWorld,
) -> None:
    refund = await frozen_refund(world)
    made = await world.payments.refund(refund)
    world.send_back(refund.registration_id)

    found = await world.payments.find_refund(refund)

    assert found is not None
    assert (found.status, found.refund_id) == (RefundStatus.FAILED, made.refund_id)
    assert found.failure_code == "expired_or_canceled_card"
    assert world.given_back(refund.registration_id) == 0
