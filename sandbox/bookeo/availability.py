"""Availability: which events have seats, for a customer or for the business itself."""

from typing import Any

from sandbox.bookeo.accounts import Account
from sandbox.bookeo.conditions import Conditions, conditions
from sandbox.bookeo.events import Event, events_between, free_seats, has_opened
from sandbox.bookeo.faults import HideFullSlots
from sandbox.bookeo.paging import MAX_SLOTS_PER_PAGE, Items, first_page, further_page, page_of
from sandbox.bookeo.party import check_party, seats_of
from sandbox.bookeo.products import party_price, price, product_of
from sandbox.bookeo.rivals import admit_rivals
from sandbox.bookeo.times import rfc3339, window
from sandbox.bookeo.wire import SlotSearch, read
from sandbox.simulator.answer import Answer, Refused
from sandbox.simulator.store import Transaction
from sandbox.simulator.vendor import Call

MATCHES = "/v2/availability/matchingslots"


def slots(call: Call, tx: Transaction, account: Account) -> Answer:
    """GET /availability/slots: before the window opens, customer mode lists nothing."""
    further = further_page(call, tx, account)
    if further is not None:
        return further
    query = call.request.query_params
    between = window(query, "startTime", "endTime")
    if between is None:
        raise Refused(400, "startTime and endTime are required.")
    now = conditions(call, tx)
    items: Items = []
    for event in events_between(tx, account.account_id, query.get("productId"), *between):
        free = _seats_to_show(tx, event, now)
        if free is None or (free == 0 and call.fault(HideFullSlots)):
            continue
        items.append(_slot(event, account) | {"numSeatsAvailable": free})
    return Answer.of(first_page(call, tx, account, items, MAX_SLOTS_PER_PAGE))


def matching_slots(call: Call, tx: Transaction, account: Account) -> Answer:
    """POST /availability/matchingslots: the events with room for a party, and their price."""
    search = read(call, SlotSearch)
    times = {"startTime": search.start_time, "endTime": search.end_time}
    between = window(times, "startTime", "endTime")
    if between is None:
        raise Refused(400, "startTime and endTime are required.")
    product = product_of(tx, account.account_id, search.product_id)
    check_party(product, account, search.people_numbers)
    seats = seats_of(account, search.people_numbers)
    now = conditions(call, tx)
    items: Items = []
    for event in events_between(tx, account.account_id, search.product_id, *between):
        free = _seats_to_show(tx, event, now)
        if free is not None and free >= seats:
            cost = party_price(product, event, search.people_numbers)
            items.append(_slot(event, account) | {"price": price(product, cost)})
    body = first_page(call, tx, account, items, MAX_SLOTS_PER_PAGE, always_token=True)
    token = body["info"]["pageNavigationToken"]
    location = f"{str(call.request.base_url).rstrip('/')}{MATCHES}/{token}"
    return Answer.of(body, 201, {"location": location})


def more_matching_slots(call: Call, tx: Transaction, account: Account) -> Answer:
    """GET /availability/matchingslots/{token}: where the Location of a search leads."""
    return page_of(call, tx, account, call.request.path_params["token"], f"POST {MATCHES}")


def _seats_to_show(tx: Transaction, event: Event, now: Conditions) -> int | None:
    """None: not listed."""
    if not now.backend and (not has_opened(event, now) or now.clock_ms >= event.closes_ms):
        return None
    admit_rivals(tx, event, now)
    return free_seats(tx, event, now)


def _slot(event: Event, account: Account) -> dict[str, Any]:
    return {
        "productId": event.product_id,
        "eventId": event.event_id,
        "startTime": rfc3339(event.starts_ms, account.time_zone),
        "endTime": rfc3339(event.ends_ms, account.time_zone),
    }
