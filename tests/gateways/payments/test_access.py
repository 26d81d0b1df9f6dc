"""What a key may do, asked without changing anything."""

from collections.abc import AsyncIterator

import pytest

from domain.errors import PaymentMisconfigured, PaymentUnavailable
from domain.payments import PaymentAccess
from tests.gateways.payments.payment_worlds import (
    PaymentWorld,
    StripeWorld,
    payments_at,
    stripe_world,
)

REFUNDS = "GET /v1/refunds"


@pytest.fixture
async def stripe_itself(stripe_url: str) -> AsyncIterator[StripeWorld]:
    async with stripe_world(stripe_url) as real:
        yield real


async def test_a_key_with_every_right_is_withheld_nothing(world: PaymentWorld) -> None:
    assert await world.payments.access() == PaymentAccess()


async def test_what_a_restricted_key_may_not_read_is_named(stripe_itself: StripeWorld) -> None:
    stripe_itself.control.add_fault("error_before", endpoint=REFUNDS, status=403)

    assert await stripe_itself.payments.access() == PaymentAccess(withheld=("refunds",))


async def test_a_key_that_is_refused_altogether_is_a_misconfiguration(stripe_url: str) -> None:
    stranger = payments_at(stripe_url, "sk_test_stranger")

    with pytest.raises(PaymentMisconfigured) as refused:
        await stranger.access()

    assert "sk_test" not in str(refused.value)
    await stranger.aclose()


async def test_no_answer_is_no_verdict(stripe_itself: StripeWorld) -> None:
    stripe_itself.control.add_fault("drop_before", endpoint=REFUNDS)

    with pytest.raises(PaymentUnavailable):
        await stripe_itself.payments.access()
