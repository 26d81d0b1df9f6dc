import re

import httpx
import pytest
import stripe

from tests.sandbox.stripe.conftest import KEY, Desk

SUCCESS_URL = "http://127.0.0.1:9/done?session={CHECKOUT_SESSION_ID}"
CANCEL_URL = "http://127.0.0.1:9/cancelled"


async def opened(desk: Desk, customer: str) -> stripe.checkout.Session:
    return await desk.client.v1.checkout.sessions.create_async(
        {
            "mode": "setup",
            "currency": "usd",
            "customer": customer,
            "success_url": SUCCESS_URL,
            "cancel_url": CANCEL_URL,
        }
    )


async def new_customer(desk: Desk) -> str:
    return (await desk.client.v1.customers.create_async({})).id


async def test_a_person_saves_a_card_on_the_hosted_page(
    desk: Desk, browser: httpx.AsyncClient
) -> None:
    customer = await new_customer(desk)
    session = await opened(desk, customer)
    assert session.status == "open"
    assert session.url is not None

    page = await browser.get(session.url)
    assert page.headers["content-type"].startswith("text/html")
    assert CANCEL_URL in page.text
    action = re.search(r'<form method="post" action="([^"]+)"', page.text)
    assert action is not None
    assert 'name="card" value="success"' in page.text
    sent_on = await browser.post(action[1], data={"card": "success"})

    assert sent_on.status_code == 303
    assert sent_on.headers["location"] == f"http://127.0.0.1:9/done?session={session.id}"
    done = await desk.client.v1.checkout.sessions.retrieve_async(
        session.id, {"expand": ["setup_intent.payment_method"]}
    )
    assert done.status == "complete"
    assert done.url is None
    intent = done.setup_intent
    assert isinstance(intent, stripe.SetupIntent)
    assert intent.status == "succeeded"
    assert isinstance(intent.payment_method, stripe.PaymentMethod)
    assert intent.payment_method.customer == customer
    paid = await desk.charge(customer, intent.payment_method.id)
    assert paid.status == "succeeded"


async def test_a_second_submit_saves_no_second_card(desk: Desk, browser: httpx.AsyncClient) -> None:
    customer = await new_customer(desk)
    session = await opened(desk, customer)
    assert session.url is not None

    for _ in range(2):
        await browser.post(session.url, data={"card": "mastercard"})

    cards = await desk.client.v1.customers.payment_methods.list_async(customer)
    assert [card.card.brand for card in cards.data if card.card] == ["mastercard"]


async def test_a_card_that_cannot_be_saved_keeps_the_page_open(
    desk: Desk, browser: httpx.AsyncClient
) -> None:
    customer = await new_customer(desk)
    session = await opened(desk, customer)
    assert session.url is not None

    refused = await browser.post(session.url, data={"card": "declined_insufficient_funds"})

    assert refused.status_code == 402
    assert "Your card has insufficient funds." in refused.text
    kept = await desk.client.v1.checkout.sessions.retrieve_async(
        session.id, {"expand": ["setup_intent"]}
    )
    assert kept.status == "open"
    assert isinstance(kept.setup_intent, stripe.SetupIntent)
    assert kept.setup_intent.status == "requires_payment_method"
    assert kept.setup_intent.last_setup_error is not None


async def test_a_card_saved_on_the_page_is_charged_where_an_attached_one_is_not(
    desk: Desk, browser: httpx.AsyncClient
) -> None:
    customer = await new_customer(desk)
    session = await opened(desk, customer)
    assert session.url is not None
    await browser.post(session.url, data={"card": "authentication_unless_set_up"})
    saved = (await desk.client.v1.payment_methods.list_async({"customer": customer})).data[0]
    attached = await desk.client.v1.payment_methods.attach_async(
        "pm_card_authenticationRequiredOnSetup", {"customer": customer}
    )

    assert (await desk.charge(customer, saved.id)).status == "succeeded"
    with pytest.raises(stripe.CardError) as asked:
        await desk.charge(customer, attached.id, registration="r2")
    assert asked.value.code == "authentication_required"


async def test_an_expired_session_saves_nothing(desk: Desk, browser: httpx.AsyncClient) -> None:
    session = await opened(desk, await new_customer(desk))
    assert session.url is not None

    expired = await desk.client.v1.checkout.sessions.expire_async(session.id)

    assert expired.status == "expired"
    refused = await browser.post(session.url, data={"card": "success"})
    assert refused.status_code == 410
    assert "expired" in refused.text


async def test_a_session_expires_by_itself_a_day_later(desk: Desk) -> None:
    session = await opened(desk, await new_customer(desk))
    desk.control.add_fault("clock_skew", remaining=None, ms=86_400_000)

    later = await desk.client.v1.checkout.sessions.retrieve_async(session.id)

    assert later.status == "expired"


async def test_a_page_of_no_session_says_so(browser: httpx.AsyncClient) -> None:
    page = await browser.get("/checkout/cs_test_none")

    assert page.status_code == 404
    assert "belongs to no Checkout Session" in page.text


async def test_what_a_client_sends_is_escaped_on_the_page(
    desk: Desk, browser: httpx.AsyncClient
) -> None:
    session = await desk.client.v1.checkout.sessions.create_async(
        {
            "mode": "setup",
            "allowed_payment_method_types": ["card"],
            "success_url": SUCCESS_URL,
            "cancel_url": 'http://127.0.0.1:9/"><script>alert(1)</script>',
        }
    )
    assert session.url is not None

    assert "<script>" not in (await browser.get(session.url)).text


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"mode": "payment"}, "mode"),
        ({"success_url": "javascript:alert(1)"}, "success_url"),
        ({"currency": None}, "currency"),
        ({"customer": "cus_none"}, "customer"),
        ({"expires_at": 1}, "expires_at"),
    ],
)
async def test_a_session_that_stripe_would_refuse_is_refused(
    browser: httpx.AsyncClient, change: dict[str, str | int | None], param: str
) -> None:
    form = {"mode": "setup", "currency": "usd", "success_url": SUCCESS_URL, **change}
    sent = {name: str(value) for name, value in form.items() if value is not None}

    answer = await browser.post(
        "/v1/checkout/sessions",
        data=sent,
        headers={"authorization": f"Bearer {KEY}"},
    )

    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == param
