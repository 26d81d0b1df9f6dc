"""The opening instant, and who gets the seats at it."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from tests.sandbox.bookeo.desk import KEYS, Desk


def _soon(seconds: float) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)


def _book_until_open(desk: Desk, reference: str, event: str) -> int:
    """Send again and again; returns how many refusals came before the booking."""
    deadline = time.monotonic() + 10
    refusals = 0
    while time.monotonic() < deadline:
        if desk.book(reference, event=event).status_code == 201:
            return refusals
        refusals += 1
    raise AssertionError("the window never opened")


def test_nothing_is_listed_or_booked_before_the_window_opens(desk: Desk) -> None:
    desk.event("later", opens_at=_soon(3600))
    listed = desk.client.get("/availability/slots", params=desk.window(mode="customer")).json()
    assert [slot["eventId"] for slot in listed["data"]] == ["E1"]
    backend = desk.client.get("/availability/slots", params=desk.window(mode="backend")).json()
    assert {slot["eventId"] for slot in backend["data"]} == {"E1", "later"}
    assert desk.book(event="later").status_code == 400
    assert desk.client.post("/holds", json=desk.order(event="later")).status_code == 400


def test_the_window_opens_at_its_millisecond_by_the_providers_clock(desk: Desk) -> None:
    opens = _soon(0.4)
    desk.event("soon", opens_at=opens)
    assert _book_until_open(desk, "r", "soon") > 0
    booked = desk.control.live_bookings("r")[0]
    entries = desk.control.requests("r")
    assert booked.created_ms >= opens.timestamp() * 1000
    assert all(
        entry.committed_ms is None
        for entry in entries
        if (entry.finished_ms or 0) < opens.timestamp() * 1000
    )
    assert entries[-1].committed_ms == booked.created_ms
    assert desk.control.invariants().holds


def test_backend_mode_jumps_the_window_and_is_caught(desk: Desk) -> None:
    desk.event("later", opens_at=_soon(3600))
    jumped = desk.client.post(
        "/bookings", params={"mode": "backend"}, json=desk.order(event="later")
    )
    assert jumped.status_code == 201
    [violation] = desk.control.invariants().violations
    assert "before the window opened" in violation


@pytest.mark.parametrize("status", [400, 403, 409, 422])
def test_not_open_full_and_closed_refuse_with_the_status_of_the_knob(
    desk: Desk, status: int
) -> None:
    desk.event("later", opens_at=_soon(3600))
    desk.event("full", capacity=0)
    desk.event("past", starts_at=_soon(-3600))
    desk.control.add_fault(
        "refusal_status", remaining=None, not_open=status, full=status, closed=status
    )
    for event in ("later", "full", "past"):
        assert desk.book(event=event).status_code == status


def test_a_slow_clock_opens_late_and_shows_it_in_its_date(desk: Desk) -> None:
    desk.control.add_fault("clock_skew", remaining=None, ms=-3_600_000)
    desk.event("open", opens_at=_soon(-60))
    assert desk.book(event="open").status_code == 400
    desk.control.clear_faults()
    assert desk.book(event="open").status_code == 201


def test_jitter_opens_the_window_later_than_set(desk: Desk) -> None:
    desk.control.add_fault("open_jitter", remaining=None, min_ms=60_000, max_ms=90_000)
    desk.event("open", opens_at=_soon(-30))
    assert desk.book(event="open").status_code == 400
    desk.event("longer", opens_at=_soon(-100))
    assert desk.book(event="longer").status_code == 201


def test_rivals_take_the_seats_that_they_reach_first(desk: Desk) -> None:
    desk.control.add_fault("rivals", remaining=None, event_id="rush", count=3, within_ms=0)
    desk.event("rush", capacity=4, opens_at=_soon(-1))
    assert desk.book("a", event="rush").status_code == 201
    assert desk.book("b", event="rush").status_code == 400
    assert sum(booking.rival for booking in desk.control.bookings()) == 3
    assert desk.control.invariants().holds


def test_rivals_of_the_future_leave_the_seats_of_the_present(desk: Desk) -> None:
    desk.control.add_fault("rivals", remaining=None, count=50, within_ms=600_000, seed=3)
    desk.event("rush", capacity=1, opens_at=_soon(-0.001))
    assert desk.book("a", event="rush").status_code == 201


def test_a_flapping_capacity_withholds_seats_and_gives_them_back(desk: Desk) -> None:
    desk.control.add_fault("capacity_flap", remaining=None, event_id="E1", period_ms=600_000)
    assert desk.book().status_code == 400
    slots = desk.client.get("/availability/slots", params=desk.window()).json()["data"]
    assert [slot["numSeatsAvailable"] for slot in slots] == [0]
    desk.control.clear_faults()
    desk.control.add_fault("capacity_flap", remaining=None, event_id="E1", period_ms=100)
    _book_until_open(desk, "again", "E1")


def test_one_hundred_simultaneous_orders_never_oversell(desk: Desk) -> None:
    desk.event("rush", capacity=30)
    barrier = threading.Barrier(100)

    def send(number: int) -> int:
        with httpx.Client(base_url=desk.base_url, headers=KEYS, trust_env=False) as client:
            client.get("/v2/settings/apikeyinfo")
            barrier.wait(30)
            order = desk.order(f"x{number}", event="rush")
            return client.post("/v2/bookings", json=order, timeout=30).status_code

    with ThreadPoolExecutor(100) as pool:
        statuses = list(pool.map(send, range(100)))
    assert sorted(statuses) == [201] * 30 + [400] * 70
    assert desk.control.invariants().holds
