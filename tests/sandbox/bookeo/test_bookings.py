"""Making, reading, changing and cancelling bookings."""

from typing import Any

import pytest

from tests.sandbox.bookeo.desk import Desk


def test_a_booking_answers_with_number_location_and_price(desk: Desk) -> None:
    answer = desk.book(children=2)
    assert answer.status_code == 201
    body = answer.json()
    assert answer.headers["location"].rsplit("/", 1)[1] == body["bookingNumber"]
    assert body["price"]["totalGross"] == {"amount": "241.00", "currency": "USD"}
    assert (body["externalRef"], body["canceled"], body["accepted"]) == ("r1", False, True)
    assert body["creationTime"][-6] in "+-"
    assert desk.client.get(f"/bookings/{body['bookingNumber']}").json()["externalRef"] == "r1"


def test_the_same_post_twice_makes_two_bookings_and_breaks_the_promise(desk: Desk) -> None:
    assert desk.book().status_code == 201
    assert desk.control.invariants().holds
    assert desk.book().status_code == 201
    assert len(desk.control.live_bookings("r1")) == 2
    assert desk.control.invariants().violations == ("externalRef r1: 2 live bookings",)


def test_seats_end_with_the_capacity(desk: Desk) -> None:
    desk.event("small", capacity=3)
    statuses = [desk.book(f"s{n}", event="small", children=2).status_code for n in range(2)]
    assert statuses == [201, 400]
    assert desk.book("one", event="small").status_code == 201
    assert desk.control.invariants().holds


def test_cancelling_keeps_the_row_and_frees_the_seat(desk: Desk) -> None:
    desk.event("small", capacity=1)
    number = desk.book("a", event="small").json()["bookingNumber"]
    asked = {"reason": "x", "notifyCustomer": "false", "applyCancellationPolicy": "false"}
    assert desk.client.delete(f"/bookings/{number}", params=asked).status_code == 204
    assert desk.client.delete(f"/bookings/{number}").status_code == 404
    assert desk.client.get(f"/bookings/{number}").json()["canceled"] is True
    assert desk.book("b", event="small").status_code == 201
    kept = {booking.external_ref: booking for booking in desk.control.bookings()}
    assert (kept["a"].canceled, kept["a"].policy_applied) == (True, False)


def test_a_cancelled_booking_is_listed_only_when_asked_for(desk: Desk) -> None:
    number = desk.book().json()["bookingNumber"]
    desk.client.delete(f"/bookings/{number}")
    for path, query in (
        ("/bookings", desk.changed()),
        (f"/customers/{desk.customer}/bookings", {}),
    ):
        assert desk.client.get(path, params=query).json()["data"] == []
        shown = desk.client.get(path, params=query | {"includeCanceled": "true"}).json()["data"]
        assert [(b["bookingNumber"], b["canceled"]) for b in shown] == [(number, True)]
        assert "lastChangeTime" in shown[0]


def test_bookings_list_by_event_time_by_change_and_by_product(desk: Desk) -> None:
    desk.control.put_product("P2")
    desk.book()
    assert len(desk.client.get("/bookings", params=desk.window()).json()["data"]) == 1
    assert (
        len(desk.client.get("/bookings", params=desk.changed(productId="P1")).json()["data"]) == 1
    )
    assert desk.client.get("/bookings", params=desk.changed(productId="P2")).json()["data"] == []
    both = desk.window() | desk.changed()
    assert len(desk.client.get("/bookings", params=both).json()["data"]) == 1


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"startTime": "2030-01-01T00:00:00Z"},
        {"lastUpdatedEndTime": "2030-01-01T00:00:00Z"},
        {"startTime": "2030-01-01T00:00:00Z", "endTime": "2030-02-02T00:00:00Z"},
        {"startTime": "2030-01-02T00:00:00Z", "endTime": "2030-01-01T00:00:00Z"},
        {"startTime": "2030-01-01T00:00:00", "endTime": "2030-01-02T00:00:00"},
        {"startTime": "soon", "endTime": "later"},
    ],
)
def test_a_list_needs_a_complete_window_of_at_most_31_days(
    desk: Desk, query: dict[str, str]
) -> None:
    answer = desk.client.get("/bookings", params=query)
    assert answer.status_code == 400
    assert set(answer.json()) == {"httpStatus", "message", "errorId"}


def test_lists_are_paged_by_token(desk: Desk) -> None:
    numbers = {desk.book(f"p{n}").json()["bookingNumber"] for n in range(5)}
    first = desk.client.get("/bookings", params=desk.changed(itemsPerPage="2")).json()
    info = first["info"]
    assert (info["totalItems"], info["totalPages"], info["currentPage"]) == (5, 3, 1)
    seen = {b["bookingNumber"] for b in first["data"]}
    for page in ("2", "3"):
        query = {"pageNavigationToken": info["pageNavigationToken"], "pageNumber": page}
        seen |= {
            b["bookingNumber"] for b in desk.client.get("/bookings", params=query).json()["data"]
        }
    assert seen == numbers
    beyond = {"pageNavigationToken": info["pageNavigationToken"], "pageNumber": "4"}
    assert desk.client.get("/bookings", params=beyond).status_code == 400
    assert desk.client.get("/bookings", params=desk.changed(itemsPerPage="101")).status_code == 400


def test_customer_and_participants_show_only_when_expanded(desk: Desk) -> None:
    person = {"firstName": "Kim", "lastName": "Lee"}
    linked = desk.client.post(f"/customers/{desk.customer}/linkedpeople", json=person).json()
    order = desk.order()
    order["participants"]["details"] = [
        {"personId": linked["id"], "peopleCategoryId": "Cchildren", "categoryIndex": 1}
    ]
    assert desk.client.post("/bookings", json=order).status_code == 201
    plain = desk.client.get("/bookings", params=desk.changed()).json()["data"][0]
    assert "customer" not in plain
    assert "details" not in plain["participants"]
    expand = desk.changed(expandCustomer="true", expandParticipants="true")
    full = desk.client.get("/bookings", params=expand).json()["data"][0]
    assert full["customer"]["emailAddress"] == "parent@example.com"
    assert full["participants"]["details"][0]["personId"] == linked["id"]


def _without(order: dict[str, Any], field: str) -> dict[str, Any]:
    return {name: value for name, value in order.items() if name != field}


def test_a_malformed_booking_is_refused_and_takes_no_seat(desk: Desk) -> None:
    good = desk.order()
    details = {"personId": "PSELF", "peopleCategoryId": "Cchildren", "categoryIndex": 2}
    stranger = {"personId": "P404", "peopleCategoryId": "Cchildren", "categoryIndex": 1}
    numbers = good["participants"]["numbers"]
    bad: list[dict[str, Any]] = [
        _without(good, "productId"),
        _without(good, "eventId"),
        _without(good, "participants"),
        _without(good, "customerId"),
        good | {"eventId": "nowhere"},
        good | {"customerId": "nobody"},
        good | {"externalRef": "x" * 65},
        good | {"externalRef": "é"},
        good | {"customer": {"firstName": "A", "lastName": "B"}},
        good | {"participants": {"numbers": [{"peopleCategoryId": "Cdogs", "number": 1}]}},
        good | {"participants": {"numbers": [{"peopleCategoryId": "Cchildren", "number": 0}]}},
        good | {"participants": {"numbers": numbers, "details": [details]}},
        good | {"participants": {"numbers": numbers, "details": [stranger]}},
    ]
    assert [desk.client.post("/bookings", json=b).status_code for b in bad] == [400] * len(bad)
    assert desk.client.post("/bookings", content=b"{").status_code == 400
    assert desk.control.bookings() == []


def test_a_new_participant_becomes_a_linked_person_every_time(desk: Desk) -> None:
    order = desk.order(None)
    order["participants"]["details"] = [
        {
            "personId": "PNEW",
            "peopleCategoryId": "Cchildren",
            "categoryIndex": 1,
            "personDetails": {"firstName": "Kim"},
        }
    ]
    for _ in range(2):
        assert desk.client.post("/bookings", json=order).status_code == 201
    people = desk.client.get(f"/customers/{desk.customer}/linkedpeople").json()["data"]
    assert [person["firstName"] for person in people] == ["Kim", "Kim"]


def test_party_limits_and_closed_products_refuse(desk: Desk) -> None:
    desk.control.put_product("P1", booking_limits=[{"min": 1, "max": 2}])
    assert desk.book(children=3).status_code == 400
    desk.control.put_product("P1", api_bookings_allowed=False)
    assert desk.book().status_code == 403


def test_a_product_with_approval_leaves_the_booking_pending(desk: Desk) -> None:
    desk.control.put_product("P1", accept_deny=True)
    assert desk.book().json()["accepted"] is False


def test_a_course_reads_back_its_first_class(desk: Desk) -> None:
    desk.event("class-2", first_class_event_id="class-1")
    number = desk.book(event="class-2").json()["bookingNumber"]
    assert desk.client.get(f"/bookings/{number}").json()["eventId"] == "class-1"


def test_a_change_moves_the_booking_to_the_seats_it_asks_for(desk: Desk) -> None:
    desk.event("small", capacity=2)
    number = desk.book("a", event="small").json()["bookingNumber"]
    path = f"/bookings/{number}"
    grown = desk.client.put(path, json=desk.order("a", event="small", children=2))
    assert grown.json()["price"]["totalGross"]["amount"] == "241.00"
    too_many = desk.client.put(path, json=desk.order("a", event="small", children=3))
    assert too_many.status_code == 400
    assert desk.control.live_bookings("a")[0].seats == 2


def test_a_hold_keeps_seats_until_it_is_used_or_released(desk: Desk) -> None:
    desk.event("small", capacity=1)
    hold = desk.client.post("/holds", json=desk.order("a", event="small"))
    assert hold.status_code == 201
    assert hold.json()["totalPayable"]["amount"] == "120.50"
    assert desk.book("b", event="small").status_code == 400
    used = {"previousHoldId": hold.json()["id"]}
    booked = desk.client.post("/bookings", params=used, json=desk.order("a", event="small"))
    assert booked.status_code == 201
    assert desk.client.delete(f"/holds/{hold.json()['id']}").status_code == 404


def test_a_released_hold_gives_its_seat_back(desk: Desk) -> None:
    desk.event("small", capacity=1)
    hold = desk.client.post("/holds", json=desk.order("a", event="small")).json()["id"]
    assert desk.client.delete(f"/holds/{hold}").status_code == 204
    assert desk.book("b", event="small").status_code == 201
    too_long = desk.client.post("/holds", params={"holdDurationSeconds": "601"}, json=desk.order())
    assert too_long.status_code == 400
