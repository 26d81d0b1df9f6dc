from typing import Any

import httpx
import pytest
import stripe

from tests.sandbox.stripe.conftest import KEY, Desk, connected, until

CHARGE = "POST /v1/payment_intents"
KEY_1 = "fee-r1-1"


@pytest.mark.parametrize(
    ("kind", "parameters", "charged"),
    [
        ("drop_before", {}, False),
        ("drop_after", {}, True),
        ("error_before", {"status": 502}, False),
        ("error_after", {"status": 500}, True),
        ("truncate", {"keep_bytes": 20}, True),
        ("text_error", {}, False),
        ("text_error", {"committed": True}, True),
        ("hang", {"seconds": 0.2}, False),
        ("hang", {"seconds": 0.2, "after_commit": True}, True),
    ],
)
async def test_an_unknown_outcome_is_settled_by_repeating_the_same_key(
    desk: Desk, kind: str, parameters: dict[str, Any], charged: bool
) -> None:
    customer, card = await desk.customer_with("success")
    desk.control.add_fault(kind, endpoint=CHARGE, reference=KEY_1, **parameters)

    with pytest.raises(Exception) as unknown:  # noqa: PT011 - whatever the SDK makes of it
        await desk.charge(customer, card)

    assert not isinstance(unknown.value, stripe.CardError | stripe.InvalidRequestError)
    assert len(desk.payments()) == int(charged)
    assert (await desk.charge(customer, card)).status == "succeeded"
    assert len(desk.payments()) == 1
    assert desk.control.invariants().holds


async def test_a_client_that_gave_up_is_told_that_its_key_is_in_use(desk: Desk) -> None:
    customer, card = await desk.customer_with("success")
    desk.control.add_fault("latency_before_ms", reference=KEY_1, ms=1200)
    async with connected(desk.url, patience=0.2) as hasty:
        with pytest.raises(stripe.APIConnectionError):
            await Desk(desk.url, hasty, desk.control).charge(customer, card)
    with pytest.raises(stripe.APIError) as busy:
        await desk.charge(customer, card)
    assert busy.value.http_status == 409

    await until(desk.payments)
    assert (await desk.charge(customer, card)).status == "succeeded"
    assert len(desk.payments()) == 1


async def test_a_text_where_the_error_should_be_reaches_the_client_as_sent(desk: Desk) -> None:
    customer, card = await desk.customer_with("success")
    desk.control.add_fault("text_error", endpoint=CHARGE, text="upstream failed")

    with pytest.raises(AttributeError):
        await desk.charge(customer, card)


async def test_a_fault_is_aimed_by_registration_where_no_key_is_sent(
    desk: Desk, browser: httpx.AsyncClient
) -> None:
    desk.control.add_fault("error_before", reference="r7", remaining=None, status=503)
    form = {"amount": "2000", "currency": "usd"}
    headers = {"authorization": f"Bearer {KEY}"}

    statuses = [
        (
            await browser.post(
                "/v1/payment_intents",
                data={**form, "metadata[registration_id]": registration},
                headers=headers,
            )
        ).status_code
        for registration in ("r7", "r8")
    ]

    assert statuses == [503, 200]
    spared, afflicted = desk.control.requests("r8")[0], desk.control.requests("r7")[0]
    assert afflicted.faults == ("error_before",)
    assert afflicted.committed_ms is None
    assert spared.committed_ms is not None
