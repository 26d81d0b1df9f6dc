"""What becomes of one charge while Stripe, or the way to it, misbehaves."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
import pytest
from pydantic import SecretStr

from domain.errors import PaymentMisconfigured, PaymentStuck, PaymentUnavailable, PaymentUnknown
from domain.family import Card
from domain.payments import ChargeOutcome, ChargeStatus, FrozenCharge
from gateways.stripe_payments import StripePayments
from tests.gateways.payments.payment_worlds import (
    CHARGES,
    RETURN_URL,
    SECRET_KEY,
    StripeWorld,
    charge_of,
    frozen_charge,
    payments_at,
    stripe_world,
)

CARD = Card(payment_method_id="pm_1", brand="visa", last4="4242", exp_month=1, exp_year=2100)


@pytest.fixture
async def world(stripe_url: str) -> AsyncIterator[StripeWorld]:
    async with stripe_world(stripe_url) as real:
        yield real


@pytest.mark.parametrize(
    ("fault", "parameters", "taken"),
    [
        ("drop_before", {}, 0),
        ("drop_after", {}, 1),
        ("error_before", {"status": 500}, 0),
        ("error_after", {"status": 503}, 1),
        ("text_error", {"status": 500}, 0),
        ("text_error", {"status": 502, "committed": True}, 1),
        ("truncate", {"keep_bytes": 12}, 1),
        ("empty_body", {}, 1),
        ("hang", {"after_commit": True}, 1),
    ],
)
async def test_an_unclear_answer_is_unknown_and_the_same_key_resolves_it(
    world: StripeWorld, fault: str, parameters: dict[str, Any], taken: int
) -> None:
    charge = await frozen_charge(world)
    world.control.add_fault(fault, endpoint=CHARGES, **parameters)

    with pytest.raises(PaymentUnknown):
        await world.payments.charge(charge)
    sends = [one for one in world.control.requests() if one.endpoint == CHARGES]
    assert len(sends) == 1
    assert world.taken(charge.registration_id) == taken

    assert (await world.payments.charge(charge)).status is ChargeStatus.SUCCEEDED
    assert world.taken(charge.registration_id) == 1


async def test_a_stored_5xx_stays_unknown_under_its_key_and_is_found_by_metadata(
    world: StripeWorld,
) -> None:
    charge = await frozen_charge(world)
    since = datetime.now(UTC)
    world.control.add_fault("stored_error", endpoint=CHARGES, charged=True)

    with pytest.raises(PaymentUnknown) as first:
        await world.payments.charge(charge)
    assert not isinstance(first.value, PaymentStuck)
    with pytest.raises(PaymentStuck):
        await world.payments.charge(charge)
    found = await world.payments.find_charge(charge, since)

    assert found is not None
    assert found.status is ChargeStatus.SUCCEEDED


async def test_a_charge_still_in_flight_under_its_key_is_unavailable(world: StripeWorld) -> None:
    charge = await frozen_charge(world)
    world.control.add_fault("latency_before_ms", endpoint=CHARGES, ms=600)
    first = asyncio.create_task(world.payments.charge(charge))
    async with asyncio.timeout(10):
        while not any(  # noqa: ASYNC110 - the server sets no event of ours
            one.endpoint == CHARGES for one in world.control.requests()
        ):
            await asyncio.sleep(0.01)

    with pytest.raises(PaymentUnavailable):
        await world.payments.charge(charge)

    assert (await first).status is ChargeStatus.SUCCEEDED


@pytest.mark.parametrize("status", [401, 403])
async def test_refused_keys_are_a_misconfiguration(world: StripeWorld, status: int) -> None:
    charge = await frozen_charge(world)
    world.control.add_fault("error_before", endpoint=CHARGES, status=status)

    with pytest.raises(PaymentMisconfigured):
        await world.payments.charge(charge)


async def test_a_wrong_key_is_a_misconfiguration_everywhere(stripe_url: str) -> None:
    stranger = payments_at(stripe_url, "sk_test_stranger")

    with pytest.raises(PaymentMisconfigured):
        await stranger.create_customer(uuid4())
    with pytest.raises(PaymentMisconfigured) as refused:
        await stranger.charge(charge_of(uuid4(), 1, "cus_1", CARD))

    assert "sk_test" not in str(refused.value)
    await stranger.aclose()


async def test_a_refused_connection_is_unavailable_whatever_is_asked() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        payments = payments_at(f"http://127.0.0.1:{closed.getsockname()[1]}")

        with pytest.raises(PaymentUnavailable):
            await payments.charge(charge_of(uuid4(), 1, "cus_1", CARD))
        with pytest.raises(PaymentUnavailable):
            await payments.create_customer(uuid4())

        await payments.aclose()


@pytest.mark.parametrize("fault", ["drop_before", "drop_after", "error_before", "text_error"])
async def test_calls_that_move_no_money_are_merely_unavailable(
    world: StripeWorld, fault: str
) -> None:
    customer = await world.payments.create_customer(uuid4())
    world.control.add_fault(fault)

    with pytest.raises(PaymentUnavailable):
        await world.payments.start_card_setup(customer, RETURN_URL)


async def test_the_hosted_page_leads_back_with_its_result(world: StripeWorld) -> None:
    setup = await world.payments.start_card_setup(
        await world.payments.create_customer(uuid4()), RETURN_URL
    )
    kept = world.control.get("/_sim/checkout_sessions")["checkout_sessions"][0]

    assert kept["id"] == setup.session_id
    assert kept["success_url"] == f"{RETURN_URL}&card_setup=done"
    assert kept["cancel_url"] == f"{RETURN_URL}&card_setup=cancelled"


def answered(make: Callable[[httpx.Request], httpx.Response]) -> StripePayments:
    return StripePayments(SecretStr(SECRET_KEY), transport=httpx.MockTransport(make))


def a_charge() -> FrozenCharge:
    return charge_of(uuid4(), 1, "cus_1", CARD)


async def charged(answer: httpx.Response) -> ChargeOutcome:
    payments = answered(lambda _: answer)
    try:
        return await payments.charge(a_charge())
    finally:
        await payments.aclose()


async def test_a_charge_says_exactly_what_was_frozen() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(
            200, json={"id": "pi_1", "object": "payment_intent", "status": "succeeded"}
        )

    payments, charge = answered(answer), a_charge()
    await payments.charge(charge)
    await payments.aclose()

    (request,) = seen
    assert str(request.url) == "https://api.stripe.com/v1/payment_intents"
    assert request.headers["Idempotency-Key"] == charge.idempotency_key
    assert "X-Stripe-Client-Telemetry" not in request.headers
    assert dict(httpx.QueryParams(request.content.decode())) == {
        "amount": "2000",
        "currency": "usd",
        "customer": "cus_1",
        "payment_method": "pm_1",
        "allowed_payment_method_types[0]": "card",
        "confirm": "true",
        "off_session": "true",
        "metadata[registration_id]": str(charge.registration_id),
        "metadata[charge_number]": "1",
    }


@pytest.mark.parametrize("status", ["processing", "requires_confirmation", "requires_capture", ""])
async def test_a_200_that_is_not_the_end_is_unknown(status: str) -> None:
    body = {"id": "pi_1", "object": "payment_intent", "status": status}

    with pytest.raises(PaymentUnknown):
        await charged(httpx.Response(200, json=body))


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("requires_action", ChargeStatus.REQUIRES_ACTION),
        ("requires_payment_method", ChargeStatus.DECLINED),
        ("canceled", ChargeStatus.DECLINED),
    ],
)
async def test_a_200_that_took_nothing_is_not_paid(status: str, expected: ChargeStatus) -> None:
    body = {"id": "pi_1", "object": "payment_intent", "status": status}

    assert (await charged(httpx.Response(200, json=body))).status is expected


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(httpx.Response(200, content=b"<html>"), id="a page"),
        pytest.param(httpx.Response(200, json=[]), id="a list"),
        pytest.param(httpx.Response(200, json={}), id="nothing in it"),
        pytest.param(httpx.Response(200, json=None), id="null"),
        pytest.param(httpx.Response(400, json={"error": "text"}), id="an error of text"),
        pytest.param(httpx.Response(409, json={"error": {"code": "lock"}}), id="another 409"),
        pytest.param(httpx.Response(302, headers={"Location": "/x"}), id="a redirect"),
        pytest.param(httpx.Response(418, content=b"\xff"), id="no text at all"),
    ],
)
async def test_an_answer_nobody_foresaw_is_unknown(answer: httpx.Response) -> None:
    with pytest.raises(PaymentUnknown):
        await charged(answer)


async def test_errors_and_logs_repeat_nothing_that_was_sent(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    error = {"error": {"type": "invalid_request_error", "message": "Mia Moreau", "code": "bad"}}

    outcome = await charged(httpx.Response(400, json=error))

    assert (outcome.status, outcome.decline_code) == (ChargeStatus.DECLINED, "bad")
    assert "Mia" not in repr(outcome)
    assert SECRET_KEY not in caplog.text
