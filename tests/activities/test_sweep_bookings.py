"""A sweep over several accounts: each for itself, and nothing done twice."""

from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.clock import SystemClock
from activities.looking_again import Looked
from activities.sweep_bookings import BookingSweeps
from domain.alerts import NewAlert
from domain.errors import (
    RecordMissing,
    RecordsUnavailable,
    Rejected,
    Throttled,
    Unauthorised,
    Unavailable,
)
from domain.sweeps import BookingSweep, Look, LookOrder, LookReport

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def look(number: int, account: str) -> Look:
    return Look(
        registration_id=UUID(int=number),
        provider="bookeo",
        org_ref=account,
        since=NOW,
        marked_at=NOW,
        stage=1,
    )


class Desk:
    """Looks that are due until they are settled, and what each of them ends in."""

    def __init__(self, *looks: Look) -> None:
        self.due = {one.registration_id: one for one in looks}
        self.ends: dict[int, Looked | Exception] = {}
        self.asked: list[int] = []
        self.put_off: list[int] = []
        self.told: list[tuple[str, datetime]] = []

    async def due_looks(self, _: BookingSweep) -> tuple[Look, ...]:
        return tuple(self.due.values())

    async def raise_alert(self, alert: NewAlert, *, unless_settled_since: datetime) -> None:
        self.told.append((alert.key, unless_settled_since))

    async def note_look(self, one: Look, put_off: timedelta | None = None) -> None:
        del self.due[one.registration_id]
        if put_off is not None:
            self.put_off.append(one.registration_id.int)

    async def look(self, one: Look, *, second: bool) -> Looked:
        assert not second
        self.asked.append(one.registration_id.int)
        end = self.ends.get(one.registration_id.int, Looked.IN_ORDER)
        if isinstance(end, Exception):
            raise end
        return end

    async def noticed(self, number: int, *, last: bool = False) -> LookReport:
        """The look that a provider's notice asks for."""
        pointed_at = look(number, "one").model_copy(update={"marked_at": None, "stage": 0})
        self.due[pointed_at.registration_id] = pointed_at
        sweeps = BookingSweeps(cast("Any", self), cast("Any", self), SystemClock())
        order = LookOrder(looks=(pointed_at,), last=last)
        return await ActivityEnvironment().run(sweeps.look_again, order)

    async def sweep(self) -> LookReport:
        sweeps = BookingSweeps(cast("Any", self), cast("Any", self), SystemClock())
        return await ActivityEnvironment().run(sweeps.sweep_bookings, BookingSweep())


async def test_an_account_that_does_not_answer_stops_no_other() -> None:
    desk = Desk(look(1, "silent"), look(2, "silent"), look(3, "well"), look(4, "well"))
    desk.ends[1] = Unavailable("down")

    assert await desk.sweep() == LookReport(looked=2, put_off=1)

    assert sorted(desk.asked) == [1, 3, 4]
    assert desk.put_off == [1]
    assert [one.int for one in desk.due] == [2]


@pytest.mark.parametrize("error", [Rejected("no_guardian", "nobody"), RecordMissing("gone")])
async def test_a_registration_that_cannot_be_looked_at_holds_up_no_other(
    error: Exception,
) -> None:
    desk = Desk(look(1, "one"), look(2, "one"))
    desk.ends[1] = error

    assert await desk.sweep() == LookReport(looked=1, put_off=1)


async def test_a_look_without_an_answer_is_told_once_it_is_overdue_for_an_hour() -> None:
    desk, first = Desk(), BookingSweep().delays[0]
    due = datetime.now(UTC) - timedelta(hours=1)
    for number, since in ((1, due + timedelta(minutes=5)), (2, due - timedelta(minutes=5))):
        one = look(number, f"account-{number}")
        desk.due[one.registration_id] = one.model_copy(update={"marked_at": since - first})
        desk.ends[number] = Unauthorised("keys")

    assert await desk.sweep() == LookReport(put_off=2)

    assert desk.told == [("look_unanswered/bookeo/account-2", due - timedelta(minutes=5))]


@pytest.mark.parametrize("end", [Unavailable("down"), Looked.UNFINISHED])
async def test_the_last_look_that_a_notice_asks_for_tells_where_it_gets_no_answer(
    end: Exception | Looked,
) -> None:
    desk = Desk()
    desk.ends[1] = end

    report = await desk.noticed(1, last=True)

    assert report.put_off == 1
    assert [key for key, _ in desk.told] == ["look_unanswered/bookeo/one"]


async def test_a_sweep_that_died_goes_on_where_it_was() -> None:
    desk = Desk(look(1, "one"), look(2, "one"), look(3, "one"))
    desk.ends[2] = RecordsUnavailable("the data API did not answer")
    with pytest.raises(ApplicationError):
        await desk.sweep()
    desk.ends.clear()

    assert await desk.sweep() == LookReport(looked=2)

    assert desk.asked == [1, 2, 2, 3]


async def test_what_is_doubtful_is_handed_back_and_stays_due() -> None:
    desk = Desk(look(1, "one"), look(2, "one"))
    desk.ends[1] = Looked.DOUBTFUL

    assert await desk.sweep() == LookReport(looked=1, doubtful=(look(1, "one"),))

    assert [one.int for one in desk.due] == [1]


@pytest.mark.parametrize(
    "end", [Unavailable("down"), Unauthorised("keys"), Rejected("no_guardian", "nobody"), "stands"]
)
async def test_a_look_that_a_notice_asks_for_is_repeated_until_it_is_answered(
    end: Exception | str,
) -> None:
    desk = Desk()
    desk.ends[1] = Looked.UNFINISHED if isinstance(end, str) else end
    with pytest.raises(ApplicationError) as failed:
        await desk.noticed(1)
    assert not failed.value.non_retryable
    desk.ends.clear()

    assert await desk.noticed(1) == LookReport(looked=1)


async def test_a_throttled_look_that_a_notice_asks_for_is_repeated_when_it_may_be() -> None:
    desk, wait = Desk(), timedelta(seconds=7)
    desk.ends[1] = Throttled(wait)
    with pytest.raises(ApplicationError) as failed:
        await desk.noticed(1)
    assert failed.value.next_retry_delay == wait
