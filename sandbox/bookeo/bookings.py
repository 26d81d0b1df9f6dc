"""POST, GET, PUT and DELETE of bookings."""

import json
from typing import Any

from sandbox.bookeo.accounts import Account
from sandbox.bookeo.answers import created, error
from sandbox.bookeo.booking_views import booking_items, booking_view
from sandbox.bookeo.conditions import conditions, notifies
from sandbox.bookeo.desk import book, checked, take_seats, with_people
from sandbox.bookeo.faults import DelayedCommit, PendingApproval, PriceSurcharge, ProviderCancels
from sandbox.bookeo.holds import forget_previous
from sandbox.bookeo.later import cancel_later, commit_later
from sandbox.bookeo.paging import first_page, further_page
from sandbox.bookeo.rows import booking_row, cancel_booking
from sandbox.bookeo.times import window
from sandbox.bookeo.webhooks import announce
from sandbox.bookeo.wire import BookingBody, flag, read
from sandbox.simulator.answer import Answer, Refused
from sandbox.simulator.store import Transaction
from sandbox.simulator.vendor import Call


def create(call: Call, tx: Transaction, account: Account) -> Answer:
    """POST /bookings: never compares with earlier ones."""
    body = read(call, BookingBody)
    notifies(call)
    now = conditions(call, tx)
    surcharge = call.fault(PriceSurcharge)
    forget_previous(call, tx, account)
    if delay := call.fault(DelayedCommit):
        commit_later(call, tx, account, backend=now.backend, after_ms=delay.after_ms)
        answer = error(delay.status, "The server did not answer in time.")
        return Answer(answer.status, answer.content, answer.headers, deferred=True)
    view = book(
        tx,
        account,
        body,
        now,
        pending_approval=call.fault(PendingApproval) is not None,
        surcharge_cents=surcharge.cents if surcharge else 0,
    )
    number = view["bookingNumber"]
    if cancels := call.fault(ProviderCancels):
        cancel_later(tx, account, number, after_ms=cancels.after_ms)
    return created(call, f"/v2/bookings/{number}", view)


def listed(call: Call, tx: Transaction, account: Account) -> Answer:
    """GET /bookings: by time of the event, by time of the last change or creation, or both."""
    further = further_page(call, tx, account)
    if further is not None:
        return further
    query = call.request.query_params
    starting = window(query, "startTime", "endTime")
    changed = window(query, "lastUpdatedStartTime", "lastUpdatedEndTime")
    if starting is None and changed is None:
        raise Refused(400, "Give startTime and endTime, or lastUpdatedStartTime and …EndTime.")
    whenever = (float("-inf"), float("inf"))
    rows = tx.all(
        "SELECT bookings.* FROM bookings JOIN events USING (account_id, event_id)"
        " WHERE account_id = ? AND (? IS NULL OR bookings.product_id = ?)"
        " AND starts_ms BETWEEN ? AND ? AND changed_clock_ms BETWEEN ? AND ?"
        " ORDER BY starts_ms, created_ms",
        account.account_id,
        query.get("productId"),
        query.get("productId"),
        *(starting or whenever),
        *(changed or whenever),
    )
    lists_canceled = flag(call, "includeCanceled")
    items = booking_items(call, tx, account, rows, include_canceled=lists_canceled)
    return Answer.of(first_page(call, tx, account, items))


def get(call: Call, tx: Transaction, account: Account) -> Answer:
    """GET /bookings/{number}, cancelled or not."""
    row = booking_row(tx, account.account_id, call.request.path_params["number"])
    items = booking_items(call, tx, account, [row], include_canceled=True)
    if not items:
        raise Refused(404, "The booking does not exist.")
    return Answer.of(items[0])


def change(call: Call, tx: Transaction, account: Account) -> Answer:
    """PUT /bookings/{number}: the whole booking anew, in the seats it has or frees."""
    row = _live(call, tx, account)
    body = read(call, BookingBody)
    notifies(call)
    now = conditions(call, tx)
    order = checked(tx, account, body, now, needs_customer=False)
    take_seats(tx, order, now, besides=row["booking_number"])
    customer_id = body.customer_id or row["customer_id"]
    tx.execute(
        "UPDATE bookings SET product_id = ?, event_id = ?, seats = ?, participants = ?,"
        " options = ?, price_cents = ?, external_ref = ?, customer_id = ?, changed_clock_ms = ?"
        " WHERE account_id = ? AND booking_number = ?",
        order.product.product_id,
        order.event.event_id,
        order.seats,
        json.dumps(with_people(tx, account, body.participants, customer_id or "")),
        json.dumps(list(body.options)),
        order.price_cents,
        body.external_ref,
        customer_id,
        now.clock_ms,
        account.account_id,
        row["booking_number"],
    )
    fresh = booking_row(tx, account.account_id, row["booking_number"])
    view = booking_view(tx, account, fresh, expand_participants=True)
    announce(tx, account, "bookings", "updated", row["booking_number"], view)
    return Answer.of(view)


def cancel(call: Call, tx: Transaction, account: Account) -> Answer:
    """DELETE /bookings/{number}: keeps the row; 404 when it was cancelled before."""
    row = _live(call, tx, account)
    notifies(call)
    cancel_booking(
        tx,
        account.account_id,
        row["booking_number"],
        clock_ms=tx.now_ms + call.skew_ms,
        reason=call.request.query_params.get("reason"),
        policy_applied=flag(call, "applyCancellationPolicy"),
    )
    fresh = booking_row(tx, account.account_id, row["booking_number"])
    view = booking_view(tx, account, fresh)
    announce(tx, account, "bookings", "deleted", row["booking_number"], view)
    return Answer(204)


def _live(call: Call, tx: Transaction, account: Account) -> dict[str, Any]:
    row = booking_row(tx, account.account_id, call.request.path_params["number"])
    if row["canceled"]:
        raise Refused(404, "The booking has already been canceled.")
    return row
