"""The faults that only this provider shows."""

import time
from collections.abc import Callable

import httpx
import pytest

from tests.sandbox.bookeo.desk import Desk


def _eventually(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline, "it did not come to pass within 10 s"
        time.sleep(0.01)


def test_a_delayed_commit_books_after_its_504(desk: Desk) -> None:
    desk.control.add_fault("delayed_commit", reference="r1", after_ms=500)
    assert desk.book("other").status_code == 201
    assert desk.book("r1").status_code == 504
    [entry] = desk.control.requests("r1")
    assert (entry.committed_ms, entry.faults) == (None, ("delayed_commit",))
    _eventually(lambda: len(desk.control.live_bookings("r1")) == 1)
    [entry] = desk.control.requests("r1")
    assert entry.committed_ms is not None
    assert entry.finished_ms is not None
    assert entry.committed_ms > entry.finished_ms


def test_a_lagging_list_hides_a_booking_that_exists(desk: Desk) -> None:
    number = desk.book().json()["bookingNumber"]
    desk.control.add_fault("read_lag", endpoint="GET /v2/*", remaining=None, ms=600_000)
    assert desk.client.get("/bookings", params=desk.changed()).json()["data"] == []
    assert desk.client.get(f"/bookings/{number}").status_code == 404
    desk.control.clear_faults()
    desk.control.add_fault("read_lag", endpoint="GET /v2/*", remaining=None, ms=200)
    mine = f"/customers/{desk.customer}/bookings"
    _eventually(lambda: len(desk.client.get(mine).json()["data"]) == 1)


def test_a_location_only_answer_still_names_the_booking(desk: Desk) -> None:
    desk.control.add_fault("body_form", form="location_only")
    answer = desk.book()
    assert (answer.status_code, answer.content) == (201, b"")
    number = answer.headers["location"].rsplit("/", 1)[1]
    assert desk.client.get(f"/bookings/{number}").json()["externalRef"] == "r1"


@pytest.mark.parametrize("kind", ["drop_after", "truncate", "error_after"])
def test_a_booking_lost_on_the_way_back_is_found_by_its_reference(desk: Desk, kind: str) -> None:
    desk.control.add_fault(kind, endpoint="POST /v2/bookings")
    try:
        answer = desk.book()
    except httpx.TransportError:
        pass
    else:
        assert answer.status_code == 500
    found = desk.client.get("/bookings", params=desk.changed()).json()["data"]
    assert [booking["externalRef"] for booking in found] == ["r1"]


def test_the_business_cancels_afterwards(desk: Desk) -> None:
    desk.control.add_fault("provider_cancels", reference="r1", after_ms=20)
    number = desk.book().json()["bookingNumber"]
    _eventually(lambda: desk.control.live_bookings("r1") == [])
    assert desk.client.get(f"/bookings/{number}").json()["canceled"] is True
    other = desk.book("r2").json()["bookingNumber"]
    desk.control.cancel_by_business(other)
    assert desk.client.get(f"/bookings/{other}").json()["canceled"] is True


def test_a_booking_can_be_dearer_or_less_certain_than_announced(desk: Desk) -> None:
    desk.control.add_fault("price_surcharge", cents=5_000)
    desk.control.add_fault("pending_approval")
    body = desk.book().json()
    assert body["price"]["totalGross"]["amount"] == "170.50"
    assert body["accepted"] is False


def test_a_released_hold_can_lag(desk: Desk) -> None:
    desk.event("small", capacity=1)
    hold = desk.client.post("/holds", json=desk.order(event="small")).json()["id"]
    desk.control.add_fault("hold_release_lag", ms=1_000)
    assert desk.client.delete(f"/holds/{hold}").status_code == 204
    assert desk.book(event="small").status_code == 400
    _eventually(lambda: desk.book(event="small").status_code == 201)


def test_full_slots_can_be_hidden(desk: Desk) -> None:
    desk.event("full", capacity=0)
    slots = "/availability/slots"
    shown = desk.client.get(slots, params=desk.window()).json()["data"]
    assert {slot["eventId"] for slot in shown} == {"E1", "full"}
    desk.control.add_fault("hide_full_slots")
    hidden = desk.client.get(slots, params=desk.window()).json()["data"]
    assert {slot["eventId"] for slot in hidden} == {"E1"}
