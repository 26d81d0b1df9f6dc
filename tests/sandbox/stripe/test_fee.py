import httpx
import pytest
import stripe

from tests.sandbox.stripe.conftest import Desk

RETURN_URL = "http://127.0.0.1:9/back"


async def test_a_good_card_pays_off_session(desk: Desk) -> None:
    customer, card = await desk.customer_with("success")

    intent = await desk.charge(customer, card)

    assert intent.status == "succeeded"
    assert intent.amount_received == 2000
    assert intent.metadata.to_dict() == {"registration_id": "r1", "charge_number": "1"}
    found = await desk.client.v1.payment_intents.retrieve_async(
        intent.id, {"expand": ["latest_charge", "payment_method"]}
    )
    assert isinstance(found.latest_charge, stripe.Charge)
    assert found.latest_charge.paid
    assert isinstance(found.payment_method, stripe.PaymentMethod)
    assert found.payment_method.card is not None
    assert found.payment_method.card.last4 == "4242"


@pytest.mark.parametrize(
    ("card", "code", "decline_code"),
    [
        ("declined_when_charged", "card_declined", "generic_decline"),
        ("insufficient_funds", "card_declined", "insufficient_funds"),
        ("authentication_required", "authentication_required", "authentication_required"),
    ],
)
async def test_a_declined_charge_says_why_and_leaves_its_payment_intent(
    desk: Desk, card: str, code: str, decline_code: str
) -> None:
    customer, method = await desk.customer_with(card)

    with pytest.raises(stripe.CardError) as declined:
        await desk.charge(customer, method)

    error = declined.value.error
    assert declined.value.http_status == 402
    assert declined.value.code == code
    assert error is not None
    assert error.decline_code == decline_code
    assert error.payment_intent is not None
    kept = await desk.client.v1.payment_intents.retrieve_async(error.payment_intent.id)
    assert kept.status == "requires_payment_method"
    assert kept.payment_method is None
    assert kept.last_payment_error is not None
    assert kept.last_payment_error.decline_code == decline_code


async def test_an_expired_card_is_declined_when_charged(desk: Desk) -> None:
    customer, card = await desk.customer_with("success", exp_month=1, exp_year=2020)

    with pytest.raises(stripe.CardError) as declined:
        await desk.charge(customer, card)

    assert declined.value.code == "expired_card"


async def test_the_same_payment_intent_is_approved_on_session_after_the_bank_asked(
    desk: Desk, browser: httpx.AsyncClient
) -> None:
    customer, card = await desk.customer_with("authentication_required")
    with pytest.raises(stripe.CardError):
        await desk.charge(customer, card)
    intent_id = desk.payments(registration_id="r1")[0]["id"]

    waiting = await desk.client.v1.payment_intents.confirm_async(
        intent_id, {"payment_method": card, "return_url": RETURN_URL}
    )

    assert waiting.status == "requires_action"
    assert waiting.next_action is not None
    assert waiting.next_action.redirect_to_url is not None
    page = waiting.next_action.redirect_to_url.url
    assert page is not None
    assert "Approve 20.00 USD?" in (await browser.get(page)).text
    sent_on = await browser.post(page, data={"answer": "approve"})
    assert sent_on.headers["location"].startswith(RETURN_URL)
    paid = await desk.client.v1.payment_intents.retrieve_async(intent_id)
    assert paid.status == "succeeded"
    assert desk.control.invariants().holds


async def test_a_payment_that_its_holder_refuses_stays_unpaid(
    desk: Desk, browser: httpx.AsyncClient
) -> None:
    customer, card = await desk.customer_with("authentication_required")
    waiting = await desk.client.v1.payment_intents.create_async(
        {
            "amount": 2000,
            "currency": "usd",
            "customer": customer,
            "payment_method": card,
            "confirm": True,
            "return_url": RETURN_URL,
        }
    )

    sent_on = await browser.post(f"/authenticate/{waiting.id}", data={"answer": "refuse"})

    assert "redirect_status=failed" in sent_on.headers["location"]
    kept = await desk.client.v1.payment_intents.retrieve_async(waiting.id)
    assert kept.status == "requires_payment_method"
    assert kept.last_payment_error is not None
    assert kept.last_payment_error.code == "payment_intent_authentication_failure"


async def test_a_draft_is_confirmed_later_and_only_once(desk: Desk) -> None:
    customer, card = await desk.customer_with("success")
    draft = await desk.client.v1.payment_intents.create_async(
        {"amount": 2000, "currency": "usd", "customer": customer, "payment_method": card}
    )
    assert draft.status == "requires_confirmation"

    paid = await desk.client.v1.payment_intents.confirm_async(draft.id, {"off_session": True})

    assert paid.status == "succeeded"
    with pytest.raises(stripe.InvalidRequestError) as again:
        await desk.client.v1.payment_intents.confirm_async(draft.id, {"off_session": True})
    assert again.value.code == "payment_intent_unexpected_state"
    with pytest.raises(stripe.InvalidRequestError):
        await desk.client.v1.payment_intents.cancel_async(draft.id)


async def test_a_canceled_payment_intent_is_never_charged(desk: Desk) -> None:
    customer, card = await desk.customer_with("success")
    draft = await desk.client.v1.payment_intents.create_async(
        {"amount": 2000, "currency": "usd", "customer": customer, "payment_method": card}
    )

    canceled = await desk.client.v1.payment_intents.cancel_async(
        draft.id, {"cancellation_reason": "abandoned"}
    )

    assert canceled.status == "canceled"
    with pytest.raises(stripe.InvalidRequestError):
        await desk.client.v1.payment_intents.confirm_async(draft.id, {"off_session": True})


async def test_somebody_elses_card_cannot_be_charged(desk: Desk) -> None:
    customer, _ = await desk.customer_with("success")
    _, foreign = await desk.customer_with("success")

    with pytest.raises(stripe.InvalidRequestError, match="does not have a payment method"):
        await desk.charge(customer, foreign)

    assert desk.payments() == []


async def test_an_on_session_payment_needs_somewhere_to_come_back_to(desk: Desk) -> None:
    customer, card = await desk.customer_with("success")

    with pytest.raises(stripe.InvalidRequestError, match="return_url"):
        await desk.client.v1.payment_intents.create_async(
            {
                "amount": 2000,
                "currency": "usd",
                "customer": customer,
                "payment_method": card,
                "confirm": True,
            }
        )


async def test_a_payment_by_card_alone_needs_no_way_back(desk: Desk) -> None:
    customer, card = await desk.customer_with("success")

    paid = await desk.client.v1.payment_intents.create_async(
        {
            "amount": 2000,
            "currency": "usd",
            "customer": customer,
            "payment_method": card,
            "allowed_payment_method_types": ["card"],
            "confirm": True,
        }
    )

    assert paid.status == "succeeded"


async def test_payment_intents_are_listed_by_customer_and_time_in_pages(desk: Desk) -> None:
    customer, card = await desk.customer_with("success")
    other, other_card = await desk.customer_with("success")
    for number in range(1, 6):
        await desk.charge(customer, card, registration=f"r{number}")
    await desk.charge(other, other_card, registration="r9")
    first = desk.payments(registration_id="r1")[0]["created"]

    page = await desk.client.v1.payment_intents.list_async(
        {"customer": customer, "created": {"gte": first}, "limit": 2}
    )

    assert page.has_more
    listed = [intent.metadata["registration_id"] async for intent in page.auto_paging_iter()]
    assert listed == ["r5", "r4", "r3", "r2", "r1"]
    later = await desk.client.v1.payment_intents.list_async(
        {"customer": customer, "created": {"gte": first + 3600}}
    )
    assert later.data == []
    backwards = await desk.client.v1.payment_intents.list_async(
        {"customer": customer, "ending_before": page.data[1].id}
    )
    assert [intent.id for intent in backwards.data] == [page.data[0].id]


async def test_charging_a_registration_twice_breaks_an_invariant(desk: Desk) -> None:
    customer, card = await desk.customer_with("success")
    await desk.charge(customer, card, number=1)
    assert desk.control.invariants().holds

    await desk.charge(customer, card, number=2)

    broken = desk.control.invariants()
    assert not broken.holds
    assert "registration r1 was charged 2 times" in broken.violations[0]
