import pytest
import stripe

from tests.sandbox.stripe.conftest import Desk


async def paid(desk: Desk) -> stripe.PaymentIntent:
    return await desk.charge(*await desk.customer_with("success"))


async def test_the_whole_fee_is_given_back_once(desk: Desk) -> None:
    intent = await paid(desk)
    options: stripe.RequestOptions = {"idempotency_key": "refund-r1"}

    refund = await desk.client.v1.refunds.create_async({"payment_intent": intent.id}, options)
    again = await desk.client.v1.refunds.create_async({"payment_intent": intent.id}, options)

    assert (refund.amount, refund.status) == (2000, "succeeded")
    assert again.id == refund.id
    found = await desk.client.v1.refunds.retrieve_async(refund.id, {"expand": ["charge"]})
    assert isinstance(found.charge, stripe.Charge)
    assert found.charge.refunded
    with pytest.raises(stripe.InvalidRequestError) as twice:
        await desk.client.v1.refunds.create_async({"payment_intent": intent.id})
    assert twice.value.code == "charge_already_refunded"
    assert desk.control.invariants().holds


async def test_more_than_what_is_left_is_refused(desk: Desk) -> None:
    intent = await paid(desk)
    with pytest.raises(stripe.InvalidRequestError, match="greater than charge amount"):
        await desk.client.v1.refunds.create_async({"payment_intent": intent.id, "amount": 2001})

    await desk.client.v1.refunds.create_async({"payment_intent": intent.id, "amount": 1500})

    with pytest.raises(stripe.InvalidRequestError, match=r"\(\$5\.01\).*\(\$5\.00\)"):
        await desk.client.v1.refunds.create_async({"payment_intent": intent.id, "amount": 501})
    listed = await desk.client.v1.refunds.list_async({"payment_intent": intent.id})
    assert [refund.amount for refund in listed.data] == [1500]


async def test_an_unpaid_payment_has_nothing_to_give_back(desk: Desk) -> None:
    customer, card = await desk.customer_with("declined_when_charged")
    with pytest.raises(stripe.CardError) as declined:
        await desk.charge(customer, card)
    assert declined.value.error is not None
    assert declined.value.error.payment_intent is not None

    with pytest.raises(stripe.InvalidRequestError, match="successful charge"):
        await desk.client.v1.refunds.create_async(
            {"payment_intent": declined.value.error.payment_intent.id}
        )
    with pytest.raises(stripe.InvalidRequestError, match="payment_intent or charge"):
        await desk.client.v1.refunds.create_async({})


async def test_a_refund_that_the_bank_sends_back_says_so_from_then_on(desk: Desk) -> None:
    intent = await paid(desk)
    refund = await desk.client.v1.refunds.create_async({"payment_intent": intent.id})

    desk.control.post(f"/_sim/refunds/{refund.id}/send_back", {})

    found = await desk.client.v1.refunds.retrieve_async(refund.id)
    assert (found.status, found.failure_reason) == ("failed", "expired_or_canceled_card")
    (listed,) = (await desk.client.v1.refunds.list_async({"payment_intent": intent.id})).data
    assert listed.status == "failed"
