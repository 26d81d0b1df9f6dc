import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from temporalio.exceptions import ApplicationError

from activities.lane_room import LaneRoom
from domain.attempts import LEASE_TTL
from domain.contracts import BookingEnd, BookingResult, BookOrder
from domain.errors import UnknownOutcome
from domain.identifiers import external_ref
from tests.activities.booth import MS, Booth
from tests.eventually import eventually

SOON = 300 * MS


@dataclass(frozen=True)
class Behind:
    """A host's clock that is so far behind the database's."""

    by: timedelta

    def now(self) -> datetime:
        return datetime.now(UTC) - self.by

    def ahead_of_host(self) -> timedelta:
        return -self.by


async def died(booth: Booth, order: BookOrder, ttl: timedelta) -> None:
    """Another process opened a marker and renewed its lease for the last time."""
    lease = uuid4()
    await booth.records.renew_lease(lease, ttl)
    await booth.records.open_attempt(order.registration_id, order.send_at, "died", lease)


async def test_one_that_died_before_its_time_is_followed_after_one_look_up(booth: Booth) -> None:
    order = await booth.executing(SOON)
    await died(booth, order, ttl=MS)
    await asyncio.sleep((order.send_at - datetime.now(UTC)).total_seconds())
    looks = counted_looks(booth)

    result = await booth.book(order)

    assert result.end is BookingEnd.BOOKED
    assert looks == [1]
    assert booth.markers(order) == ["released", None]


async def test_one_that_may_have_sent_is_given_the_quiet_period(booth: Booth) -> None:
    order = await booth.executing(20 * MS)
    await died(booth, order, ttl=100 * MS)
    await asyncio.sleep(0.12)
    met_at = datetime.now(UTC)

    result = await booth.book(order)

    assert result.end is BookingEnd.BOOKED
    assert booth.markers(order) == ["nothing_found", None]
    assert booth.sent(order.registration_id)[0] >= met_at + order.timing.quiet_period


async def test_one_that_may_have_sent_is_followed_so_by_a_host_whose_clock_is_behind(
    booth: Booth,
) -> None:
    order = await booth.executing(20 * MS)
    await died(booth, order, ttl=100 * MS)
    await asyncio.sleep(0.12)

    result = await booth.book(order, clock=Behind(by=500 * MS))

    assert result.end is BookingEnd.BOOKED
    assert booth.markers(order) == ["nothing_found", None]


async def test_nothing_is_sent_while_another_process_may_still_hold_the_lane(
    booth: Booth,
) -> None:
    order = await booth.executing(20 * MS)
    await died(booth, order, ttl=timedelta(minutes=1))

    with pytest.raises(ApplicationError) as refused:
        await booth.book(order)

    assert refused.value.type == "Unavailable"
    assert booth.provider.sends == []
    assert booth.markers(order) == [None, "released"]


async def test_one_that_is_still_trying_is_believed_as_long_as_it_may_try(
    booth: Booth, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = await booth.executing(20 * MS)
    lease = uuid4()
    await booth.records.renew_lease(lease, timedelta(minutes=1))
    await booth.records.open_attempt(order.registration_id, order.send_at, "tries", lease)
    monkeypatch.setattr("activities.earlier_attempts.LONGEST_CALL", timedelta())
    # It was begun anew long after the send time, and may go on for the grace of the opening.
    attempts = booth.records.attempts[order.registration_id]
    began = datetime.now(UTC) - order.timing.opening_grace + timedelta(seconds=1)
    early = order.send_at - timedelta(minutes=10)
    marker = attempts[0].marker.model_copy(update={"opened_at": began, "send_at": early})
    attempts[0] = attempts[0].model_copy(update={"marker": marker})

    with pytest.raises(ApplicationError) as refused:
        await booth.book(order)
    assert refused.value.type == "Unavailable"
    assert booth.provider.sends == []

    await asyncio.sleep(1)
    assert (await booth.book(order)).end is BookingEnd.BOOKED
    assert booth.bookings(order) == 1


class Boot:
    """Seconds since boot, as the test says."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return asyncio.get_running_loop().time() + self.ahead


async def test_a_process_that_was_paused_past_its_lease_sends_once_it_is_renewed(
    booth: Booth,
) -> None:
    order, boot = await booth.executing(SOON), Boot()
    room = LaneRoom(booth.records, since_boot=boot)
    booking = asyncio.create_task(booth.book(order, room))
    await eventually(lambda: bool(booth.records.attempts[order.registration_id]))

    boot.ahead = LEASE_TTL.total_seconds()
    renewed_from = datetime.now(UTC)
    result = await booking
    await room.aclose()

    assert result.end is BookingEnd.BOOKED
    assert booth.markers(order) == [None], "nobody judged it meanwhile, so it stands"
    assert booth.sent(order.registration_id)[0] > renewed_from
    assert booth.bookings(order) == 1


async def test_a_process_that_was_paused_while_another_took_over_sends_nothing(
    booth: Booth,
) -> None:
    order, boot = await booth.executing(SOON), Boot()
    room = LaneRoom(booth.records, since_boot=boot)
    booking = asyncio.create_task(booth.book(order, room))
    await eventually(lambda: bool(booth.records.attempts[order.registration_id]))

    await booth.records.end_lease(room.lease.id)  # as it runs out in the database
    await booth.records.open_attempt(order.registration_id, order.send_at, "successor", uuid4())
    boot.ahead = LEASE_TTL.total_seconds()
    result = await booking
    await room.aclose()

    assert result.end is BookingEnd.RELEASED
    assert booth.markers(order) == ["released", None]
    assert booth.provider.sends == []


async def test_a_permission_withdrawn_between_two_markers_is_seen_under_the_second(
    booth: Booth,
) -> None:
    order = await booth.executing(SOON)
    close = booth.records.close_attempt

    async def withdrawn_after(*asked: Any) -> None:
        await close(*asked)
        await booth.records.revoke_mandate(order.registration_id, "revoke")

    setattr(booth.records, "close_attempt", withdrawn_after)  # noqa: B010 - its own type forbids it
    booth.provider.script.fail_next("book", UnknownOutcome("the answer was lost"))

    with pytest.raises(ApplicationError) as withdrawn:
        await booth.book(order)

    assert withdrawn.value.type == "Unavailable"
    assert booth.markers(order) == ["nothing_found", "released"]
    assert booth.provider.live_bookings(external_ref(order.registration_id)) == []


async def test_what_somebody_wants_back_is_released_unsent(booth: Booth) -> None:
    order = await booth.executing(timedelta(seconds=30))
    booking = asyncio.create_task(booth.book(order))
    await eventually(lambda: bool(booth.records.attempts[order.registration_id]))

    await booth.records.ask_release(order.registration_id)
    result = await booking

    assert result.end is BookingEnd.RELEASED
    assert booth.markers(order) == ["released"]
    assert booth.provider.sends == []


async def test_a_second_attempt_in_one_process_ends_the_first_and_one_request_is_sent(
    booth: Booth,
) -> None:
    order = await booth.executing(2 * SOON)
    first = asyncio.create_task(booth.book(order))
    await eventually(lambda: bool(booth.records.attempts[order.registration_id]))

    second = await booth.book(order)

    with pytest.raises(ApplicationError):
        await first
    assert second.end is BookingEnd.BOOKED
    assert len(booth.sent(order.registration_id)) == 1
    assert booth.markers(order) == ["released", None]


async def test_of_many_attempts_in_one_process_the_last_alone_sends(booth: Booth) -> None:
    order = await booth.executing(2 * SOON)
    first = asyncio.create_task(booth.book(order))
    await eventually(lambda: bool(booth.records.attempts[order.registration_id]))

    others = [asyncio.create_task(booth.book(order)) for _ in range(3)]
    ends = await asyncio.gather(first, *others, return_exceptions=True)

    booked = [end for end in ends if isinstance(end, BookingResult)]
    assert [end.end for end in booked] == [BookingEnd.BOOKED]
    assert len(booth.sent(order.registration_id)) == 1


def counted_looks(booth: Booth) -> list[int]:
    """How often the provider was asked what became of the booking, in one cell."""
    looks, find = [0], booth.provider.find

    async def counted(*args: object) -> object:
        looks[0] += 1
        return await find(*args)  # type: ignore[arg-type]

    setattr(booth.provider, "find", counted)  # noqa: B010 - the fake's own type forbids it
    return looks


async def test_a_result_that_waits_to_be_told_still_holds_the_lease(
    booth: Booth, monkeypatch: pytest.MonkeyPatch
) -> None:
    order, held = await booth.executing(20 * MS), list[bool]()

    async def through(*_: object) -> None:
        await asyncio.sleep(0.01)  # a lease that nobody holds ends at once here
        held.append(booth.room.lease.fresh)
        booth.room.release(order.registration_id)

    monkeypatch.setattr(booth.room, "may_answer", through)
    monkeypatch.setattr("activities.lease.LINGERS", timedelta())
    result = await booth.book(order)

    assert held == [True]
    assert result.end is BookingEnd.BOOKED
