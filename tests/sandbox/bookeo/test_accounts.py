"""Keys, settings, availability searches and customers."""

from datetime import timedelta

import httpx
import pytest

from tests.sandbox.bookeo.desk import KEYS, STARTS, Desk


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-bookeo-apikey": "api-key"},
        KEYS | {"x-bookeo-secretkey": "wrong"},
        KEYS | {"x-bookeo-apikey": "wrong"},
    ],
)
def test_bad_keys_are_refused(desk: Desk, headers: dict[str, str]) -> None:
    answer = httpx.get(f"{desk.base_url}/v2/settings/apikeyinfo", headers=headers)
    assert answer.status_code == 401
    assert answer.json()["httpStatus"] == 401


def test_query_keys_are_accepted_and_kept_out_of_the_ledger(desk: Desk) -> None:
    query = {"apiKey": "api-key", "secretKey": "secret-key"}
    answer = httpx.get(f"{desk.base_url}/v2/settings/apikeyinfo", params=query)
    assert answer.json()["accountId"] == "default"
    assert "secret-key" not in str(desk.control.requests())


def test_accounts_do_not_see_each_other(desk: Desk) -> None:
    number = desk.book().json()["bookingNumber"]
    desk.control.put_account("other", api_key="other-key", secret_key="other-secret")
    keys = {"x-bookeo-apikey": "other-key", "x-bookeo-secretkey": "other-secret"}
    with httpx.Client(base_url=f"{desk.base_url}/v2", headers=keys, trust_env=False) as other:
        assert other.get("/settings/apikeyinfo").json()["accountId"] == "other"
        assert other.get("/settings/products").json()["data"] == []
        assert other.get(f"/bookings/{number}").status_code == 404
        assert other.post("/bookings", json=desk.order()).status_code == 400


def test_what_an_account_reads_can_be_broken_for_it_alone(desk: Desk) -> None:
    desk.control.put_account("other", api_key="other-key", secret_key="other-secret")
    keys = {"x-bookeo-apikey": "other-key", "x-bookeo-secretkey": "other-secret"}
    desk.control.add_fault("error_before", endpoint="GET *", reference="account:other")
    assert desk.client.get("/settings/products").status_code == 200
    with httpx.Client(base_url=f"{desk.base_url}/v2", headers=keys, trust_env=False) as other:
        assert other.get("/settings/products").status_code == 503
        assert other.get("/settings/products").status_code == 200


def test_settings_read_as_documented(desk: Desk) -> None:
    [product] = desk.client.get("/settings/products").json()["data"]
    assert product["defaultRates"][0] == {
        "peopleCategoryId": "Cchildren",
        "price": {"amount": "120.50", "currency": "USD"},
    }
    assert (product["apiBookingsAllowed"], product["membersOnly"]) == (True, False)
    categories = desk.client.get("/settings/peoplecategories").json()
    assert list(categories) == ["categories"]
    assert {"id": "Cchildren", "name": "Children", "numSeats": 1} in categories["categories"]


def test_slots_count_down_and_stay_within_31_days(desk: Desk) -> None:
    desk.book(children=4)
    [slot] = desk.client.get("/availability/slots", params=desk.window(productId="P1")).json()[
        "data"
    ]
    assert (slot["eventId"], slot["numSeatsAvailable"]) == ("E1", 6)
    wide = desk.window(endTime=(STARTS + timedelta(days=40)).isoformat())
    assert desk.client.get("/availability/slots", params=wide).status_code == 400


def test_matching_slots_have_room_for_the_party_and_a_price(desk: Desk) -> None:
    desk.event("small", capacity=1)
    desk.event("dear", rates={"Cchildren": 20_000})
    search = desk.window(productId="P1") | {
        "peopleNumbers": [{"peopleCategoryId": "Cchildren", "number": 2}]
    }
    answer = desk.client.post("/availability/matchingslots", json=search)
    assert answer.status_code == 201
    prices = {s["eventId"]: s["price"]["totalGross"]["amount"] for s in answer.json()["data"]}
    assert prices == {"E1": "241.00", "dear": "400.00"}
    assert desk.client.get(answer.headers["location"]).json()["data"] == answer.json()["data"]


def test_customers_are_found_by_mail_and_never_merged(desk: Desk) -> None:
    twin = desk.new_customer()
    desk.new_customer("other@example.com")
    query = {"searchField": "emailAddress", "searchText": "PARENT@example.com"}
    found = desk.client.get("/customers", params=query).json()["data"]
    assert [customer["id"] for customer in found] == [desk.customer, twin]
    assert desk.client.get(f"/customers/{twin}").json()["firstName"] == "Pat"
    assert desk.client.get("/customers/C404").status_code == 404
    assert desk.client.get("/customers", params={"searchText": "x"}).status_code == 400


def test_a_booking_may_bring_its_own_customer_each_time_anew(desk: Desk) -> None:
    order = desk.order(None)
    del order["customerId"]
    order["customer"] = {"firstName": "New", "lastName": "Parent", "emailAddress": "n@example.com"}
    ids = {desk.client.post("/bookings", json=order).json()["customerId"] for _ in range(2)}
    assert len(ids) == 2


def test_an_unknown_path_is_a_404_of_the_provider(desk: Desk) -> None:
    answer = desk.client.get("/nothing")
    assert (answer.status_code, answer.json()["httpStatus"]) == (404, 404)
    assert desk.control.requests()[-1].path == "/v2/nothing"
