"""What goes over the wire to Bookeo, and what odd answers do, against a scripted transport."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest

from domain.booking import Booking
from domain.errors import ProviderError, Throttled, Unavailable, UnknownOutcome
from gateways.bookeo import BookeoTimeouts
from tests.gateways.booking.booking_worlds import API_KEY, CATEGORY, SECRET
from tests.gateways.booking.scripted_bookeo import BASE, BODY, ORDER, answered_by


async def booked(answer: httpx.Response) -> Booking:
    async with answered_by(lambda _: answer) as provider:
        return (await provider.book(ORDER)).booking


async def test_a_booking_goes_out_as_a_customers_with_the_keys_in_headers_only() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(201, json=BODY)

    async with answered_by(answer) as provider:
        await provider.book(ORDER)

    (request,) = seen
    assert str(request.url) == f"{BASE}/v2/bookings?notifyUsers=true&notifyCustomer=true"
    assert request.headers["X-Bookeo-apiKey"] == API_KEY
    assert request.headers["X-Bookeo-secretKey"] == SECRET
    assert json.loads(request.content) == {
        "productId": ORDER.product_id,
        "eventId": "event-1",
        "customerId": "customer-1",
        "externalRef": ORDER.reference,
        "participants": {
            "numbers": [{"peopleCategoryId": CATEGORY, "number": 2}],
            "details": [
                {"personId": "person-1", "peopleCategoryId": CATEGORY, "categoryIndex": 1},
                {"personId": "person-2", "peopleCategoryId": CATEGORY, "categoryIndex": 2},
            ],
        },
    }


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(httpx.Response(200, json=BODY), id="200 with the body"),
        pytest.param(httpx.Response(201, json={**BODY, "bookingNumber": 123}), id="a number"),
        pytest.param(
            httpx.Response(201, json=BODY, headers={"Location": "/v2/bookings/999"}),
            id="the body before the Location",
        ),
    ],
)
async def test_any_2xx_with_a_number_is_a_booking(answer: httpx.Response) -> None:
    assert (await booked(answer)).booking_number == "123"


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(httpx.Response(201), id="nothing"),
        pytest.param(httpx.Response(201, content=b'{"bookingNum'), id="half a body"),
        pytest.param(httpx.Response(201, json={"bookingNumber": ""}), id="an empty number"),
        pytest.param(
            httpx.Response(201, headers={"Location": "/v2/bookings"}), id="a Location of no booking"
        ),
        pytest.param(
            httpx.Response(201, headers={"Location": "/v2/holds/7"}), id="a Location of a hold"
        ),
        pytest.param(httpx.Response(204), id="no content"),
        pytest.param(
            httpx.Response(201, json={**BODY, "padding": " " * 2_000_000}),
            id="an oversized answer",
        ),
        pytest.param(
            httpx.Response(307, headers={"Location": "/v2/elsewhere"}), id="a redirect, refused"
        ),
        pytest.param(
            httpx.Response(201, json={**BODY, "externalRef": "sa-of-somebody-else"}),
            id="somebody else's booking",
        ),
    ],
)
async def test_an_answer_that_names_no_booking_of_ours_is_an_unknown_outcome(
    answer: httpx.Response,
) -> None:
    with pytest.raises(UnknownOutcome):
        await booked(answer)


@pytest.mark.parametrize(
    ("failure", "meaning"),
    [
        (httpx.ConnectError, Unavailable),
        (httpx.ConnectTimeout, Unavailable),
        (httpx.PoolTimeout, Unavailable),
        (httpx.ReadError, UnknownOutcome),
        (httpx.ReadTimeout, UnknownOutcome),
        (httpx.WriteError, UnknownOutcome),
        (httpx.WriteTimeout, UnknownOutcome),
        (httpx.RemoteProtocolError, UnknownOutcome),
        (httpx.DecodingError, UnknownOutcome),
        (httpx.ProxyError, UnknownOutcome),
        (OSError, UnknownOutcome),
    ],
)
async def test_only_a_failed_connect_proves_that_nothing_was_sent(
    failure: type[Exception], meaning: type[ProviderError]
) -> None:
    def fail(_: httpx.Request) -> httpx.Response:
        raise failure("as the test says")

    async with answered_by(fail) as provider:
        with pytest.raises(meaning):
            await provider.book(ORDER)
        with pytest.raises(Unavailable):
            await provider.access()


class Endless(httpx.AsyncByteStream):
    """An answer that begins and never ends."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()


async def test_an_answer_that_never_ends_is_cut_off() -> None:
    brief = BookeoTimeouts(total=timedelta(milliseconds=50))
    async with (
        answered_by(lambda _: httpx.Response(201, stream=Endless()), brief) as provider,
        asyncio.timeout(20),
    ):
        with pytest.raises(UnknownOutcome):
            await provider.book(ORDER)


async def test_a_redirect_is_never_followed() -> None:
    paths: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        paths.append(request.url.path)
        return httpx.Response(302, headers={"Location": "https://elsewhere.invalid/"})

    async with answered_by(answer) as provider:
        with pytest.raises(Unavailable):
            await provider.access()

    assert paths == ["/v2/settings/apikeyinfo"]


@pytest.mark.parametrize("amount", ["a lot", "12.345", "-1.00", "Infinity", "NaN", ""])
async def test_a_price_that_cannot_be_read_does_not_put_the_booking_in_doubt(amount: str) -> None:
    price = {"totalGross": {"amount": amount, "currency": "USD"}}

    booking = await booked(httpx.Response(201, json={**BODY, "price": price}))

    assert (booking.booking_number, booking.price) == ("123", None)


@pytest.mark.parametrize(
    ("headers", "body", "seconds"),
    [
        ({"Retry-After": "3"}, {"retryAfter": 9}, 3),
        ({}, {"retryAfter": 9}, 9),
        ({}, {"retryAfter": "9"}, 9),
        ({}, {"retryAfter": "soon"}, 60),
        ({"Retry-After": "soon"}, {}, 60),
        ({"Retry-After": "-5"}, {}, 0),
        ({"Retry-After": "1e99"}, {}, 3600),
        ({"Retry-After": "nan"}, {}, 60),
        (
            {
                "Date": "Fri, 02 Jan 2026 03:00:00 GMT",
                "Retry-After": "Fri, 02 Jan 2026 03:00:20 GMT",
            },
            {},
            20,
        ),
    ],
)
async def test_the_pause_is_read_from_header_then_body_and_bounded(
    headers: dict[str, str], body: dict[str, object], seconds: int
) -> None:
    with pytest.raises(Throttled) as throttled:
        await booked(httpx.Response(429, headers=headers, json=body))

    assert throttled.value.wait == timedelta(seconds=seconds)
