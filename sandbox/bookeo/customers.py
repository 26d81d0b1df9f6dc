"""Customers and the people linked to them. Nothing keeps duplicates out."""

from typing import Any

from sandbox.bookeo.accounts import Account
from sandbox.bookeo.answers import created
from sandbox.bookeo.booking_views import booking_items
from sandbox.bookeo.faults import ReadLag
from sandbox.bookeo.paging import first_page, further_page
from sandbox.bookeo.people import (
    customer_row,
    customer_view,
    delete_customer,
    delete_person,
    insert_customer,
    insert_person,
    person_view,
)
from sandbox.bookeo.webhooks import announce
from sandbox.bookeo.wire import CustomerBody, PersonBody, flag, read
from sandbox.simulator.answer import Answer, Refused
from sandbox.simulator.store import Transaction
from sandbox.simulator.vendor import Call

SEARCH_FIELDS = ("name", "emailAddress", "phoneNumber")


def search(call: Call, tx: Transaction, account: Account) -> Answer:
    """GET /customers: all, or those whose field contains a text, ignoring case."""
    further = further_page(call, tx, account)
    if further is not None:
        return further
    query = call.request.query_params
    field, text = query.get("searchField"), query.get("searchText")
    if (field is None) != (text is None):
        raise Refused(400, "searchField and searchText must be given together.")
    if field is not None and field not in SEARCH_FIELDS:
        raise Refused(400, f"searchField must be one of {', '.join(SEARCH_FIELDS)}.")
    lag = call.fault(ReadLag)
    rows = tx.all(
        "SELECT * FROM customers WHERE account_id = ? AND created_ms <= ? ORDER BY created_ms",
        account.account_id,
        tx.now_ms - (lag.ms if lag else 0),
    )
    items = [customer_view(row, account) for row in rows]
    found = [item for item in items if field is None or _contains(item, field, text or "")]
    return Answer.of(first_page(call, tx, account, found))


def _contains(customer: dict[str, Any], field: str, text: str) -> bool:
    if field == "name":
        value = f"{customer['firstName']} {customer['lastName']}"
    elif field == "emailAddress":
        value = customer.get("emailAddress", "")
    else:
        value = " ".join(phone["number"] for phone in customer.get("phoneNumbers", []))
    return text.casefold() in value.casefold()


def create(call: Call, tx: Transaction, account: Account) -> Answer:
    """POST /customers: always a new one."""
    body = read(call, CustomerBody)
    customer_id = insert_customer(tx, account, body, clock_ms=tx.now_ms + call.skew_ms)
    view = customer_view(customer_row(tx, account, customer_id), account)
    announce(tx, account, "customers", "created", customer_id, view)
    return created(call, f"/v2/customers/{customer_id}", view)


def get(call: Call, tx: Transaction, account: Account) -> Answer:
    """GET /customers/{id}."""
    row = customer_row(tx, account, call.request.path_params["id"])
    return Answer.of(customer_view(row, account))


def delete(call: Call, tx: Transaction, account: Account) -> Answer:
    """DELETE /customers/{id}: not one with a booking ahead that is not cancelled."""
    row = customer_row(tx, account, call.request.path_params["id"])
    ahead = tx.one(
        "SELECT count(*) AS many FROM bookings JOIN events USING (account_id, event_id)"
        " WHERE account_id = ? AND customer_id = ? AND canceled = 0 AND starts_ms > ?",
        account.account_id,
        row["customer_id"],
        tx.now_ms,
    )
    if ahead is not None and ahead["many"]:
        raise Refused(400, "The customer has bookings in the future. Cancel them first.")
    delete_customer(tx, account, row["customer_id"])
    announce(tx, account, "customers", "deleted", row["customer_id"], {})
    return Answer(204)


def bookings(call: Call, tx: Transaction, account: Account) -> Answer:
    """GET /customers/{id}/bookings: the cancelled ones only when asked for."""
    further = further_page(call, tx, account)
    if further is not None:
        return further
    customer_id = customer_row(tx, account, call.request.path_params["id"])["customer_id"]
    rows = tx.all(
        "SELECT * FROM bookings WHERE account_id = ? AND customer_id = ? ORDER BY created_ms",
        account.account_id,
        customer_id,
    )
    lists_canceled = flag(call, "includeCanceled")
    items = booking_items(call, tx, account, rows, include_canceled=lists_canceled)
    return Answer.of(first_page(call, tx, account, items))


def linked_people(call: Call, tx: Transaction, account: Account) -> Answer:
    """GET /customers/{id}/linkedpeople."""
    further = further_page(call, tx, account)
    if further is not None:
        return further
    customer_id = customer_row(tx, account, call.request.path_params["id"])["customer_id"]
    rows = tx.all(
        "SELECT * FROM people WHERE account_id = ? AND customer_id = ? ORDER BY created_ms",
        account.account_id,
        customer_id,
    )
    return Answer.of(first_page(call, tx, account, [person_view(row) for row in rows]))


def unlink_person(call: Call, tx: Transaction, account: Account) -> Answer:
    """DELETE /customers/{id}/linkedpeople/{person}."""
    customer_id = customer_row(tx, account, call.request.path_params["id"])["customer_id"]
    if not delete_person(tx, account, customer_id, call.request.path_params["person"]):
        raise Refused(404, "The person does not exist.")
    return Answer(204)


def link_person(call: Call, tx: Transaction, account: Account) -> Answer:
    """POST /customers/{id}/linkedpeople: always a new one."""
    customer_id = customer_row(tx, account, call.request.path_params["id"])["customer_id"]
    person_id = insert_person(tx, account, customer_id, read(call, PersonBody))
    row = tx.one("SELECT * FROM people WHERE person_id = ?", person_id)
    path = f"/v2/customers/{customer_id}/linkedpeople/{person_id}"
    return created(call, path, person_view(row or {}))
