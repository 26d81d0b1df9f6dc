"""What a worker that is told to stop does with the bookings that are armed in it."""

import asyncio
from datetime import timedelta

import pytest
from temporalio.exceptions import ApplicationError

from domain.contracts import BookingEnd
from domain.errors import NotOpenYet
from tests.activities.booth import MS, Booth
from tests.eventually import eventually

SOON = 300 * MS


async def test_a_worker_told_to_stop_releases_what_is_due_later(booth: Booth) -> None:
    order = await booth.executing(timedelta(seconds=30))
    booking = asyncio.create_task(booth.book(order))
    await eventually(lambda: bool(booth.records.attempts[order.registration_id]))

    booth.environments[0].worker_shutdown()
    with pytest.raises(ApplicationError) as stopping:
        await booking

    assert stopping.value.type == "WorkerStopping"
    assert booth.markers(order) == ["released"]


async def test_a_worker_told_to_stop_sends_what_is_due_within_seconds(booth: Booth) -> None:
    order = await booth.executing(5 * SOON)
    booking = asyncio.create_task(booth.book(order))
    await eventually(lambda: bool(booth.records.attempts[order.registration_id]))

    booth.environments[0].worker_shutdown()
    result = await booking

    assert result.end is BookingEnd.BOOKED
    assert result.booking is not None
    assert result.booking.lateness_ms < SOON / MS
    assert booth.bookings(order) == 1


async def test_a_worker_told_to_stop_leaves_a_window_that_is_still_shut_to_another(
    booth: Booth,
) -> None:
    order = await booth.executing(2 * SOON)
    booth.provider.script.fail_next("book", NotOpenYet("not yet"), times=1_000)
    booking = asyncio.create_task(booth.book(order))
    await eventually(lambda: bool(booth.records.attempts[order.registration_id]))

    booth.environments[0].worker_shutdown()
    async with asyncio.timeout(10):
        with pytest.raises(ApplicationError) as stopping:
            await booking

    assert stopping.value.type == "WorkerStopping"
    assert len(booth.provider.sends) > 1
