"""Bookings on the wire, as of the moment that a read shows."""

import json
from collections.abc import Iterable
from typing import Any

from sandbox.bookeo.accounts import Account
from sandbox.bookeo.events import event_of
from sandbox.bookeo.faults import ReadLag
from sandbox.bookeo.paging import Items
from sandbox.bookeo.people import customer_row, customer_view
from sandbox.bookeo.products import price, product_of
from sandbox.bookeo.times import rfc3339
from sandbox.bookeo.wire import flag
from sandbox.simulator.store import Transaction
from sandbox.simulator.vendor import Call


def booking_items(
    call: Call,
    tx: Transaction,
    account: Account,
    rows: Iterable[dict[str, Any]],
    *,
    include_canceled: bool,
) -> Items:
    """Those rows that the read may see; a lagging read sees neither new rows nor new states."""
    lag = call.fault(ReadLag)
    as_of = tx.now_ms - (lag.ms if lag else 0)
    items: Items = []
    for row in rows:
        if row["created_ms"] > as_of:
            continue
        canceled = bool(row["canceled"]) and row["canceled_ms"] <= as_of
        if canceled and not include_canceled:
            continue
        items.append(
            booking_view(
                tx,
                account,
                row | {"canceled": canceled},
                expand_customer=flag(call, "expandCustomer"),
                expand_participants=flag(call, "expandParticipants"),
            )
        )
    return items


def booking_view(
    tx: Transaction,
    account: Account,
    row: dict[str, Any],
    *,
    expand_customer: bool = False,
    expand_participants: bool = False,
) -> dict[str, Any]:
    """One booking. Bookings of a course read back the first class's event."""
    product = product_of(tx, account.account_id, row["product_id"])
    event = event_of(tx, account.account_id, row["event_id"])
    participants = json.loads(row["participants"])
    view: dict[str, Any] = {
        "bookingNumber": row["booking_number"],
        "eventId": event.first_class_event_id or event.event_id,
        "productId": product.product_id,
        "productName": product.name,
        "startTime": rfc3339(event.starts_ms, account.time_zone),
        "endTime": rfc3339(event.ends_ms, account.time_zone),
        "canceled": bool(row["canceled"]),
        "accepted": bool(row["accepted"]),
        "creationTime": rfc3339(row["clock_ms"], account.time_zone),
        "price": price(product, row["price_cents"]),
        "options": json.loads(row["options"]),
        "participants": participants
        if expand_participants
        else {"numbers": participants["numbers"]},
    }
    if row["changed_clock_ms"] != row["clock_ms"]:
        view["lastChangeTime"] = rfc3339(row["changed_clock_ms"], account.time_zone)
    if row["external_ref"] is not None:
        view["externalRef"] = row["external_ref"]
    if row["customer_id"] is not None:
        view["customerId"] = row["customer_id"]
        if expand_customer:
            view["customer"] = customer_view(customer_row(tx, account, row["customer_id"]), account)
    return view
