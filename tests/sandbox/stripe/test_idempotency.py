import asyncio
from datetime import timedelta

import httpx
import pytest
import stripe

from tests.sandbox.stripe.conftest import KEY, Desk, until

DAY = timedelta(hours=24)


def fee_form(customer: str, card: str, *, amount: int = 2000) -> dict[str, str]:
    return {
        "amount": str(amount),
        "currency": "usd",
        "customer": customer,
        "payment_method": card,
        "confirm": "true",
        "off_session": "true",
        "metadata[registration_id]": "r1",
    }


def with_key(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {KEY}", "idempotency-key": key}


async def test_a_repeat_replays_the_first_answer_and_charges_nothing(
    desk: Desk, browser: httpx.AsyncClient
) -> None:
    form = fee_form(*await desk.customer_with("success"))

    first = await browser.post("/v1/payment_intents", data=form, headers=with_key("fee-r1-1"))
    again = await browser.post("/v1/payment_intents", data=form, headers=with_key("fee-r1-1"))

    assert first.status_code == again.status_code == 200
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert again.headers["original-request"] == first.headers["request-id"]
    assert again.headers["request-id"] != first.headers["request-id"]
    assert again.content == first.content
    assert len(desk.payments()) == 1


async def test_a_decline_is_replayed_even_after_the_card_would_do(
    desk: Desk, browser: httpx.AsyncClient
) -> None:
    form = fee_form(*await desk.customer_with("declined_when_charged"))

    first = await browser.post("/v1/payment_intents", data=form, headers=with_key("fee-r1-1"))
    again = await browser.post("/v1/payment_intents", data=form, headers=with_key("fee-r1-1"))

    assert first.status_code == again.status_code == 402
    assert again.headers["idempotent-replayed"] == "true"
    assert len(desk.payments()) == 1


async def test_other_parameters_under_the_same_key_are_an_idempotency_error(desk: Desk) -> None:
    customer, card = await desk.customer_with("success")
    options: stripe.RequestOptions = {"idempotency_key": "k"}
    await desk.client.v1.customers.update_async(customer, {"name": "A"}, options)

    with pytest.raises(stripe.IdempotencyError, match="same parameters"):
        await desk.client.v1.customers.update_async(customer, {"name": "B"}, options)
    with pytest.raises(stripe.IdempotencyError, match="same endpoint"):
        await desk.client.v1.payment_methods.detach_async(card, {}, options)


async def test_the_order_of_parameters_does_not_matter(
    desk: Desk, browser: httpx.AsyncClient
) -> None:
    form = fee_form(*await desk.customer_with("success"))
    turned = dict(reversed(form.items()))

    await browser.post("/v1/payment_intents", data=form, headers=with_key("k"))
    again = await browser.post("/v1/payment_intents", data=turned, headers=with_key("k"))

    assert again.headers["idempotent-replayed"] == "true"


async def test_a_key_in_flight_answers_409_and_then_replays(desk: Desk) -> None:
    customer, card = await desk.customer_with("success")
    desk.control.add_fault("latency_before_ms", reference="fee-r1-1", ms=1500)
    first = asyncio.create_task(desk.charge(customer, card))
    await until(lambda: desk.control.requests("fee-r1-1"))

    with pytest.raises(stripe.APIError) as busy:
        await desk.charge(customer, card)

    assert busy.value.http_status == 409
    assert busy.value.error is not None
    assert busy.value.error.code == "idempotency_key_in_use"
    paid = await first
    assert (await desk.charge(customer, card)).id == paid.id


async def test_a_stored_500_replays_until_the_key_is_forgotten(desk: Desk) -> None:
    customer, card = await desk.customer_with("success")
    desk.control.add_fault("stored_error", endpoint="POST /v1/payment_intents")

    for _ in range(3):
        with pytest.raises(stripe.APIError) as failed:
            await desk.charge(customer, card)
        assert failed.value.http_status == 500
    assert desk.payments() == []

    desk.control.post("/_sim/idempotency/forget", {"key": "fee-r1-1"})
    assert (await desk.charge(customer, card)).status == "succeeded"
    assert desk.control.invariants().holds


async def test_a_stored_500_may_hide_a_charge_that_the_list_shows(desk: Desk) -> None:
    customer, card = await desk.customer_with("success")
    desk.control.add_fault("stored_error", charged=True)

    for _ in range(2):
        with pytest.raises(stripe.APIError):
            await desk.charge(customer, card)

    listed = await desk.client.v1.payment_intents.list_async({"customer": customer})
    assert [intent.status for intent in listed.data] == ["succeeded"]
    assert listed.data[0].metadata["registration_id"] == "r1"


async def test_a_key_past_its_time_charges_anew(desk: Desk) -> None:
    customer, card = await desk.customer_with("success")
    await desk.charge(customer, card)
    desk.control.add_fault("clock_skew", remaining=None, ms=DAY / timedelta(milliseconds=1))

    await desk.charge(customer, card)

    assert len(desk.payments(registration_id="r1")) == 2
    broken = desk.control.invariants().violations
    assert len(broken) == 1
    assert broken[0].startswith("registration r1 was charged 2 times")


async def test_the_time_of_keys_can_be_set(desk: Desk) -> None:
    customer, card = await desk.customer_with("success")
    assert desk.control.post("/_sim/idempotency", {"seconds": 0}) == {"seconds": 0}

    first = await desk.charge(customer, card)
    second = await desk.charge(customer, card)

    assert first.id != second.id


async def test_a_request_that_fails_validation_leaves_its_key_unused(desk: Desk) -> None:
    customer, card = await desk.customer_with("success")
    with pytest.raises(stripe.InvalidRequestError) as missing:
        await desk.client.v1.payment_intents.create_async(
            {"currency": "usd"},  # pyright: ignore[reportArgumentType]  # the fault under test
            {"idempotency_key": "fee-r1-1"},
        )
    assert missing.value.code == "parameter_missing"
    assert missing.value.error is not None
    assert missing.value.error.param == "amount"

    assert (await desk.charge(customer, card)).status == "succeeded"


async def test_a_429_comes_before_the_key_is_looked_at(desk: Desk) -> None:
    customer, card = await desk.customer_with("success")
    paid = await desk.charge(customer, card)
    desk.control.add_fault("throttle")

    with pytest.raises(stripe.RateLimitError):
        await desk.charge(customer, card)

    assert (await desk.charge(customer, card)).id == paid.id
