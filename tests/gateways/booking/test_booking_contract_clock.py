"""What every booking provider tells of its clock, and Bookeo's on real answers."""

from collections.abc import AsyncIterator
from datetime import timedelta
from email.utils import formatdate

import httpx
import pytest
from pydantic import SecretStr

from domain.clocks import ClockReading
from gateways.bookeo import BookeoAccounts
from tests.gateways.booking.booking_worlds import (
    PRODUCT,
    BookeoWorld,
    BookingWorld,
    FakeWorld,
    accounts_at,
    an_order,
)

BEHIND = timedelta(milliseconds=-700)


def _holds(reading: ClockReading, truth: timedelta) -> bool:
    assert reading.offset is not None
    assert reading.uncertainty is not None
    return abs(reading.offset - truth) <= reading.uncertainty


@pytest.fixture
async def fresh(bookeo_url: str, bookeo: BookeoWorld) -> AsyncIterator[BookeoAccounts]:  # noqa: ARG001 - resets the simulator
    accounts = accounts_at(bookeo_url)
    yield accounts
    await accounts.aclose()


async def test_a_clock_never_read_is_not_known(fresh: BookeoAccounts) -> None:
    assert fresh.account("default").clock() == ClockReading()
    assert FakeWorld().provider.clock() == ClockReading()


async def test_asking_never_fails_and_the_clock_can_be_told_at_any_time(
    world: BookingWorld,
) -> None:
    asked = await world.provider.probe_clock()

    assert isinstance(asked, bool)
    assert world.provider.clock().surely_behind == timedelta()


async def test_every_answer_tells_of_the_clock_a_lanes_too(
    bookeo: BookeoWorld, fresh: BookeoAccounts
) -> None:
    order = await an_order(bookeo)
    bookeo.control.add_fault("clock_skew", ms=-700)
    account = fresh.account("default")

    await account.product(PRODUCT)
    assert account.clock().readings >= 1
    before = account.clock().readings
    armed = await account.arm(order)
    await armed.send()
    armed.close()

    assert account.clock().readings == before + 2
    assert _holds(account.clock(), BEHIND)
    assert account.clock().surely_behind <= -BEHIND


async def test_probes_find_a_provider_that_is_behind(
    bookeo: BookeoWorld, fresh: BookeoAccounts
) -> None:
    bookeo.control.add_fault("clock_skew", ms=-700)
    account = fresh.account("default")

    asked = [await account.probe_clock() for _ in range(4)]

    assert all(asked)
    reading = account.clock()
    assert reading.readings == 4
    assert _holds(reading, BEHIND)
    assert timedelta(milliseconds=300) < reading.surely_behind <= -BEHIND


@pytest.mark.parametrize("fault", ["no_date", "stale_date"])
async def test_an_answer_without_a_date_of_its_own_tells_nothing(
    bookeo: BookeoWorld, fresh: BookeoAccounts, fault: str
) -> None:
    bookeo.control.add_fault(fault, remaining=None)
    account = fresh.account("default")

    assert await account.probe_clock()

    assert account.clock() == ClockReading()


async def test_a_provider_that_is_gone_is_asked_without_harm(fresh: BookeoAccounts) -> None:
    gone = accounts_at("http://127.0.0.1:9")

    assert not await gone.account("default").probe_clock()
    assert gone.account("default").clock() == ClockReading()
    await gone.aclose()
    assert fresh.account("default").clock() == ClockReading()


async def test_the_accounts_of_a_host_share_what_is_known_of_its_clock() -> None:
    date = {"Date": formatdate(usegmt=True)}
    accounts = BookeoAccounts(
        "https://bookeo.invalid/v2",
        secret_key=SecretStr("s"),
        api_keys={"pool": SecretStr("p"), "gym": SecretStr("g")},
        transport=httpx.MockTransport(lambda _: httpx.Response(200, headers=date)),
    )

    assert await accounts.account("pool").probe_clock()

    assert accounts.account("gym").clock().readings == 1
    await accounts.aclose()
