import base64

import httpx
import pytest
import stripe

from sandbox.stripe.wire.form import parsed
from sandbox.stripe.wire.refusals import Refusal
from tests.sandbox.stripe.conftest import KEY, Desk, connected


def test_bracket_notation_is_read_in_all_its_forms() -> None:
    form = parsed("a=1&b[c]=2&b[d][e]=3&f[]=x&f[]=y&g[0][h]=4&i=%5B+%26")

    assert form == {
        "a": "1",
        "b": {"c": "2", "d": {"e": "3"}},
        "f": {"0": "x", "1": "y"},
        "g": {"0": {"h": "4"}},
        "i": "[ &",
    }


@pytest.mark.parametrize("text", ["a=1&a[b]=2", "a[b]=2&a=1", "[a]=1", "a[b=1", "a]=1"])
def test_a_malformed_name_is_refused(text: str) -> None:
    with pytest.raises(Refusal):
        parsed(text)


async def test_the_key_is_taken_as_bearer_and_as_basic(browser: httpx.AsyncClient) -> None:
    basic = base64.b64encode(f"{KEY}:".encode()).decode()

    for authorization in (f"Bearer {KEY}", f"Basic {basic}"):
        answer = await browser.get("/v1/customers", headers={"authorization": authorization})
        assert answer.status_code == 200
        assert answer.headers["request-id"].startswith("req_")


@pytest.mark.parametrize("authorization", [None, "Bearer sk_test_wrong", "Basic !", "Digest x"])
async def test_any_other_key_is_a_401_that_does_not_repeat_it(
    browser: httpx.AsyncClient, authorization: str | None
) -> None:
    headers = {} if authorization is None else {"authorization": authorization}

    answer = await browser.post("/v1/customers", data={"email": "a@example.com"}, headers=headers)

    assert answer.status_code == 401
    assert "wrong" not in answer.text


async def test_the_sdk_sees_a_wrong_key_as_such(url: str) -> None:
    async with connected(url, key="sk_test_other") as stranger:
        with pytest.raises(stripe.AuthenticationError):
            await stranger.v1.customers.list_async()


async def test_a_parameter_that_stripe_does_not_know_is_refused_by_name(
    browser: httpx.AsyncClient,
) -> None:
    answer = await browser.post(
        "/v1/customers", data={"emial": "x"}, headers={"authorization": f"Bearer {KEY}"}
    )

    error = answer.json()["error"]
    assert (error["code"], error["param"]) == ("parameter_unknown", "emial")


async def test_values_out_of_their_type_or_bounds_are_refused_by_name(
    browser: httpx.AsyncClient,
) -> None:
    for form, param in (
        ({"amount": "20.5", "currency": "usd"}, "amount"),
        ({"amount": "49", "currency": "usd"}, "amount"),
        ({"amount": "100", "currency": "dollars"}, "currency"),
        ({"amount": "100", "currency": "usd", "confirm": "perhaps"}, "confirm"),
        ({"amount": "100", "currency": "usd", "off_session": "true"}, "off_session"),
        ({"amount": "100", "currency": "usd", "capture_method": "manual"}, "capture_method"),
        ({"amount": "100", "currency": "usd", "metadata[k]": "v" * 501}, "metadata[k]"),
    ):
        answer = await browser.post(
            "/v1/payment_intents", data=form, headers={"authorization": f"Bearer {KEY}"}
        )
        assert answer.status_code == 400
        assert answer.json()["error"]["param"] == param


async def test_only_what_exists_can_be_expanded(desk: Desk) -> None:
    customer, card = await desk.customer_with("success")
    intent = await desk.charge(customer, card)

    with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
        await desk.client.v1.payment_intents.retrieve_async(intent.id, {"expand": ["currency"]})
    listed = await desk.client.v1.payment_intents.list_async({"expand": ["data.customer"]})
    assert isinstance(listed.data[0].customer, stripe.Customer)
    created = await desk.client.v1.refunds.create_async(
        {"payment_intent": intent.id, "expand": ["payment_intent.payment_method"]}
    )
    assert isinstance(created.payment_intent, stripe.PaymentIntent)
    assert isinstance(created.payment_intent.payment_method, stripe.PaymentMethod)


async def test_an_unknown_path_is_a_stripe_shaped_404(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/v1/nonsense", headers={"authorization": f"Bearer {KEY}"})

    assert answer.status_code == 404
    assert answer.json()["error"]["type"] == "invalid_request_error"
