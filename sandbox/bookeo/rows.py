"""Booking rows: making, finding and cancelling them."""

import json
import secrets
from typing import Any

from sandbox.simulator.answer import Refused
from sandbox.simulator.store import Transaction

NUMBER_DIGITS = 15


def insert_booking(
    tx: Transaction,
    *,
    account_id: str,
    product_id: str,
    event_id: str,
    seats: int,
    opens_ms: float | None,
    created_ms: float,
    clock_ms: float,
    customer_id: str | None = None,
    external_ref: str | None = None,
    participants: dict[str, Any] | None = None,
    options: list[dict[str, Any]] | None = None,
    price_cents: int = 0,
    currency: str = "USD",
    accepted: bool = True,
    rival: bool = False,
) -> str:
    """Store a booking; returns its number. Never looks whether the reference is taken."""
    number = str(secrets.randbelow(9 * 10 ** (NUMBER_DIGITS - 1)) + 10 ** (NUMBER_DIGITS - 1))
    tx.insert(
        "INSERT INTO bookings (account_id, booking_number, product_id, event_id, customer_id,"
        " external_ref, seats, participants, options, price_cents, currency, accepted, rival,"
        " opens_ms, created_ms, clock_ms, changed_clock_ms)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        account_id,
        number,
        product_id,
        event_id,
        customer_id,
        external_ref,
        seats,
        json.dumps(participants or {"numbers": []}),
        json.dumps(options or []),
        price_cents,
        currency,
        int(accepted),
        int(rival),
        opens_ms,
        created_ms,
        clock_ms,
        clock_ms,
    )
    return number


def booking_row(tx: Transaction, account_id: str, number: str) -> dict[str, Any]:
    """The booking of that number.

    Raises:
        Refused: 404, the account has none such.
    """
    row = tx.one(
        "SELECT * FROM bookings WHERE account_id = ? AND booking_number = ?", account_id, number
    )
    if row is None:
        raise Refused(404, "The booking does not exist.")
    return row


def cancel_booking(
    tx: Transaction,
    account_id: str,
    number: str,
    *,
    clock_ms: float,
    reason: str | None,
    policy_applied: bool,
) -> None:
    """Mark it cancelled; the row stays.

    Raises:
        Refused: 404, unknown or cancelled before.
    """
    if booking_row(tx, account_id, number)["canceled"]:
        raise Refused(404, "The booking has already been canceled.")
    tx.execute(
        "UPDATE bookings SET canceled = 1, canceled_ms = ?, cancel_reason = ?, policy_applied = ?,"
        " changed_clock_ms = ? WHERE account_id = ? AND booking_number = ?",
        tx.now_ms,
        reason,
        int(policy_applied),
        clock_ms,
        account_id,
        number,
    )
