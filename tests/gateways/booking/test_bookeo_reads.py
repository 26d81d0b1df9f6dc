"""Bookeo's lists, cancellations, and what no failure may tell, against a scripted transport."""

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import httpx
import pytest

from domain.errors import ProviderError, Unavailable
from gateways.bookeo.account import BookeoAccount
from tests.gateways.booking.booking_worlds import (
    API_KEY,
    CATEGORY,
    GUARDIAN,
    SECRET,
    accounts_at,
    child,
)
from tests.gateways.booking.scripted_bookeo import BASE, BODY, ORDER, answered_by

CALLS: Mapping[str, Callable[[BookeoAccount], Any]] = {
    "access": lambda provider: provider.access(),
    "product": lambda provider: provider.product("swim"),
    "slot": lambda provider: provider.slot("swim", "e", ORDER.event_start, ahead=True),
    "people": lambda provider: provider.people(GUARDIAN, (child("Mia"),), CATEGORY),
    "find": lambda provider: provider.find(ORDER, datetime.now(UTC)),
    "booking": lambda provider: provider.booking("123"),
    "cancel": lambda provider: provider.cancel("123", "surplus"),
    "book": lambda provider: provider.book(ORDER),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(lambda: httpx.Response(400, text="Mia Moreau is too young"), id="refused"),
        pytest.param(lambda: httpx.Response(401), id="unauthorised"),
        pytest.param(lambda: httpx.Response(404), id="not found"),
        pytest.param(lambda: httpx.Response(429), id="throttled"),
        pytest.param(lambda: httpx.Response(500, text="ada.moreau@example.com"), id="broken"),
        pytest.param(lambda: httpx.Response(200, json={"data": [{"a": "Mia"}]}), id="nonsense"),
        pytest.param(lambda: httpx.Response(200, json=["Mia"]), id="another shape"),
        pytest.param(lambda: httpx.Response(200, content=b"\xff\x00"), id="no text"),
    ],
)
async def test_every_failure_is_one_of_our_errors_and_says_nothing_personal(
    call: str, answer: Callable[[], httpx.Response], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    said = ""
    async with answered_by(lambda _: answer()) as provider:
        try:
            await CALLS[call](provider)
        except ProviderError as failure:
            said = f"{failure!r} {failure} {failure.__cause__!r}"

    for personal in ("Mia", "Moreau", "ada.", API_KEY, SECRET):
        assert personal not in said
        assert personal not in caplog.text


async def test_the_http_log_keeps_the_path_and_drops_the_query(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, logger="httpx")
    empty: dict[str, Any] = {"info": {}, "data": []}

    async with answered_by(lambda _: httpx.Response(200, json=empty)) as provider:
        with pytest.raises(Unavailable):
            await provider.people(GUARDIAN, (), CATEGORY)

    assert "/v2/customers" in caplog.text
    assert "searchText" not in caplog.text


async def test_a_list_that_cannot_be_read_to_its_end_is_unavailable() -> None:
    page: dict[str, Any] = {"info": {"totalPages": 2, "currentPage": 1}, "data": []}

    async with answered_by(lambda _: httpx.Response(200, json=page)) as provider:
        with pytest.raises(Unavailable):
            await provider.find(ORDER, datetime.now(UTC))


async def test_every_page_is_read_with_the_token_alone() -> None:
    queries: list[dict[str, str]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        query = dict(request.url.params)
        queries.append(query)
        number = int(query.get("pageNumber", "1"))
        info = {"totalPages": 3, "currentPage": number, "pageNavigationToken": "T"}
        found = [{"id": "c9", "firstName": "Ada", "emailAddress": GUARDIAN.email}]
        return httpx.Response(200, json={"info": info, "data": found if number == 3 else []})

    async with answered_by(answer) as provider:
        people = await provider.people(GUARDIAN, (), CATEGORY)

    assert people.customer_id == "c9"
    assert queries[1:3] == [
        {"pageNavigationToken": "T", "pageNumber": "2"},
        {"pageNavigationToken": "T", "pageNumber": "3"},
    ]


async def test_a_search_long_back_goes_in_windows_the_provider_takes() -> None:
    windows: list[tuple[datetime, datetime]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        query = request.url.params
        if request.url.path == "/v2/bookings":
            assert query["includeCanceled"] == "true"
            start, end = query["lastUpdatedStartTime"], query["lastUpdatedEndTime"]
            windows.append((datetime.fromisoformat(start), datetime.fromisoformat(end)))
        return httpx.Response(200, json={"info": {}, "data": []})

    since = datetime.now(UTC) - timedelta(days=70)
    async with answered_by(answer) as provider:
        assert await provider.find(ORDER, since) == []

    assert all(end - start <= timedelta(days=31) for start, end in windows)
    assert all(later[0] <= earlier[1] for earlier, later in pairwise(windows))
    assert windows[0][0] <= since
    assert windows[-1][1] >= datetime.now(UTC)


async def test_a_cancelled_booking_stays_cancelled_though_one_list_lags() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        lagging = request.url.path == "/v2/bookings"
        data = [{**BODY, "canceled": not lagging}]
        return httpx.Response(200, json={"info": {}, "data": data})

    async with answered_by(answer) as provider:
        (found,) = await provider.find(ORDER, datetime.now(UTC))

    assert found.cancelled


async def test_cancelling_spares_the_policy_and_the_notices() -> None:
    seen: list[httpx.URL] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.url)
        return httpx.Response(204)

    async with answered_by(answer) as provider:
        await provider.cancel("12/3", "surplus")

    (url,) = seen
    assert url.raw_path.startswith(b"/v2/bookings/12%2F3?")
    assert dict(url.params) == {
        "reason": "surplus",
        "notifyUsers": "false",
        "notifyCustomer": "false",
        "applyCancellationPolicy": "false",
    }


def test_no_repr_shows_a_key() -> None:
    accounts = accounts_at(BASE)
    account = accounts.account("default")

    shown = f"{accounts!r} {vars(accounts)!r} {account!r} {vars(account)!r}"

    assert API_KEY not in shown
    assert SECRET not in shown
