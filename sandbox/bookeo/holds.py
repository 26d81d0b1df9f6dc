"""Holds: seats kept for a few minutes while somebody decides."""

import secrets

from sandbox.bookeo.accounts import Account
from sandbox.bookeo.answers import created
from sandbox.bookeo.conditions import conditions
from sandbox.bookeo.desk import checked, take_seats
from sandbox.bookeo.faults import HoldReleaseLag
from sandbox.bookeo.products import money, price
from sandbox.bookeo.times import rfc3339
from sandbox.bookeo.wire import BookingBody, read
from sandbox.simulator.answer import Answer, Refused
from sandbox.simulator.store import Transaction
from sandbox.simulator.vendor import Call

DEFAULT_SECONDS = 300
MAX_SECONDS = 600


def hold(call: Call, tx: Transaction, account: Account) -> Answer:
    """POST /holds."""
    query = call.request.query_params
    text = query.get("holdDurationSeconds", str(DEFAULT_SECONDS))
    if not text.isdecimal() or not 1 <= int(text) <= MAX_SECONDS:
        raise Refused(400, f"holdDurationSeconds must be between 1 and {MAX_SECONDS}.")
    body = read(call, BookingBody)
    now = conditions(call, tx)
    order = checked(tx, account, body, now, needs_customer=False)
    forget_previous(call, tx, account)
    take_seats(tx, order, now)
    hold_id = f"H{secrets.token_hex(8)}"
    lasts_ms = int(text) * 1000
    tx.insert(
        "INSERT INTO holds (account_id, hold_id, event_id, seats, external_ref, expires_ms)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        account.account_id,
        hold_id,
        order.event.event_id,
        order.seats,
        body.external_ref,
        tx.now_ms + lasts_ms,
    )
    view = {
        "id": hold_id,
        "price": price(order.product, order.price_cents),
        "totalPayable": money(order.price_cents, order.product.currency),
        "expiration": rfc3339(now.clock_ms + lasts_ms, account.time_zone),
    }
    return created(call, f"/v2/holds/{hold_id}", view)


def release(call: Call, tx: Transaction, account: Account) -> Answer:
    """DELETE /holds/{id}: 404 when it is gone already."""
    if not release_hold(call, tx, account, call.request.path_params["id"]):
        raise Refused(404, "The hold does not exist or has expired.")
    return Answer(204)


def forget_previous(call: Call, tx: Transaction, account: Account) -> None:
    """Delete the hold that `previousHoldId` names, if it is still there. That is all it does."""
    previous = call.request.query_params.get("previousHoldId")
    if previous is not None:
        release_hold(call, tx, account, previous)


def release_hold(call: Call, tx: Transaction, account: Account, hold_id: str) -> bool:
    """End a hold; its seats come back at once, or after the lag that a knob asks for."""
    lag = call.fault(HoldReleaseLag)
    ended = tx.execute(
        "UPDATE holds SET released = 1, expires_ms = min(expires_ms, ?)"
        " WHERE account_id = ? AND hold_id = ? AND released = 0 AND expires_ms > ?",
        tx.now_ms + (lag.ms if lag else 0),
        account.account_id,
        hold_id,
        tx.now_ms,
    )
    return bool(ended)
