"""An account keeps to its pace, and to what a 429 asks for; bookings never wait."""

import asyncio
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from domain.errors import Throttled, Unavailable
from domain.pacing import Pace
from gateways.bookeo.budget import BudgetSpent
from tests.gateways.booking.booking_worlds import AT_WILL, BookeoWorld, accounts_at, an_order
from tests.gateways.booking.scripted_bookeo import ORDER, answered_by

SECOND = timedelta(seconds=1)


@pytest.mark.parametrize("asks", ["reads", "books"])
async def test_after_a_429_nothing_but_bookings_is_asked_until_the_pause_is_over(
    asks: str,
) -> None:
    paths: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        paths.append(request.url.path)
        return httpx.Response(429, headers={"Retry-After": "60"})

    async with answered_by(answer) as provider:
        with pytest.raises(Throttled):
            await (provider.access() if asks == "reads" else provider.book(ORDER))
        del paths[:]
        with pytest.raises(Throttled) as throttled:
            await provider.access()
        assert not await provider.probe_clock()
        assert paths == []
        with pytest.raises(Throttled):
            await provider.book(ORDER)

    assert paths == ["/v2/bookings"]
    assert 55 * SECOND < throttled.value.wait <= 60 * SECOND


async def test_reads_keep_to_the_pace_given_for_the_account_and_it_stays() -> None:
    slow = Pace(rate_per_second=0.001, burst=2, spacing=timedelta())
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json={"accountId": "a"}))
    accounts = accounts_at("https://bookeo.invalid", transport=transport, pace=slow)
    account = accounts.account("default")

    await account.access()
    await account.access()
    with pytest.raises(BudgetSpent):
        await account.access()

    assert accounts.account("default", AT_WILL) is account
    await account.access()
    await accounts.aclose()


async def test_a_refusal_whose_cause_our_own_pace_cannot_look_up_is_no_pause_of_the_provider(
    bookeo: BookeoWorld,
) -> None:
    order = await an_order(bookeo, opens_at=datetime.now(UTC) + timedelta(hours=1))
    provider = bookeo.providers.account("default", Pace(rate_per_second=0.001, burst=1))

    with pytest.raises(Unavailable, match="own pace"):
        await provider.book(order)


async def test_a_lane_is_counted_and_one_without_room_to_warm_up_is_had_cold(
    bookeo: BookeoWorld,
) -> None:
    warm_ups = "GET /v2/settings/apikeyinfo"
    order = await an_order(bookeo)
    provider = bookeo.providers.account("default", Pace(rate_per_second=0.001, burst=2))

    warm = await provider.arm(order)
    async with asyncio.timeout(5):
        await warm.send()
        cold = await provider.arm(order)
        with pytest.raises(BudgetSpent):
            await provider.access()
        await cold.send()
    warm.close()
    cold.close()

    assert len(bookeo.live(order.reference)) == 2
    ledger = bookeo.control.requests()
    assert sum(entry.endpoint == warm_ups for entry in ledger) == 1
