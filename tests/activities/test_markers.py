"""A marker whose answer was lost."""

from typing import Any

from domain.contracts import BookingEnd
from domain.errors import RecordsUnavailable, UnknownOutcome
from tests.activities.booth import MS, Booth

SOON = 300 * MS


def _loses_an_answer(booth: Booth, fence: int) -> list[str]:
    """That of the marker with the number, once it is written; told in the list."""
    open_attempt = booth.records.open_attempt
    lost: list[str] = []

    async def answer_lost(*asked: Any) -> Any:
        opened = await open_attempt(*asked)
        if opened.marker.fence == fence and not lost:
            lost.append("answer")
            raise RecordsUnavailable("the connection was reset")
        return opened

    setattr(booth.records, "open_attempt", answer_lost)  # noqa: B010 - its own type forbids it
    return lost


async def test_a_marker_whose_answer_was_lost_is_asked_for_again(booth: Booth) -> None:
    order = await booth.executing(SOON)
    lost = _loses_an_answer(booth, 1)

    result = await booth.book(order)

    assert lost
    assert result.end is BookingEnd.BOOKED
    assert booth.markers(order) == [None]
    assert booth.bookings(order) == 1


async def test_a_second_marker_whose_answer_was_lost_costs_no_send(booth: Booth) -> None:
    order = await booth.executing(SOON)
    lost = _loses_an_answer(booth, 2)
    booth.provider.script.fail_next("book", UnknownOutcome("the answer was lost"))

    result = await booth.book(order)

    assert lost
    assert result.end is BookingEnd.BOOKED
    assert booth.markers(order) == ["nothing_found", None]
    assert booth.bookings(order) == 1
