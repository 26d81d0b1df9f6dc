"""Events: when they can be booked, and how many seats are free."""

import json
from dataclasses import dataclass
from typing import Any

from sandbox.bookeo.conditions import Conditions
from sandbox.bookeo.faults import CapacityFlap
from sandbox.simulator.answer import Refused
from sandbox.simulator.store import Transaction


@dataclass(frozen=True, slots=True)
class Event:
    """One occurrence of a product. Times are epoch milliseconds."""

    account_id: str
    event_id: str
    product_id: str
    starts_ms: float
    ends_ms: float
    opens_ms: float | None
    """None: always open."""
    closes_ms: float
    capacity: int
    first_class_event_id: str | None
    """For later classes of a course: bookings read back this id."""
    rates: dict[str, int]
    """Cents per people category, where they differ from the product's."""


def event_of(tx: Transaction, account_id: str, event_id: str) -> Event:
    """The event of that id.

    Raises:
        Refused: 400, the account has none such.
    """
    row = tx.one("SELECT * FROM events WHERE account_id = ? AND event_id = ?", account_id, event_id)
    if row is None:
        raise Refused(400, "The event does not exist.")
    return _event(row)


def events_between(
    tx: Transaction, account_id: str, product_id: str | None, first_ms: float, last_ms: float
) -> list[Event]:
    """Events that start in that window, in order of time."""
    rows = tx.all(
        "SELECT * FROM events WHERE account_id = ? AND (? IS NULL OR product_id = ?)"
        " AND starts_ms BETWEEN ? AND ? ORDER BY starts_ms, event_id",
        account_id,
        product_id,
        product_id,
        first_ms,
        last_ms,
    )
    return [_event(row) for row in rows]


def _event(row: dict[str, Any]) -> Event:
    return Event(**{**row, "rates": json.loads(row["rates"])})


def has_opened(event: Event, now: Conditions) -> bool:
    """Whether customers may book it by the provider's clock, to the millisecond."""
    if event.opens_ms is None:
        return True
    return now.clock_ms >= event.opens_ms + now.late_opening_ms(event.event_id)


def check_window(event: Event, now: Conditions) -> None:
    """Refuse before the window opens and after it closes; `mode=backend` passes both.

    Raises:
        Refused: not open, or closed.
    """
    if now.backend:
        return
    if not has_opened(event, now):
        now.refuse("not_open")
    if now.clock_ms >= event.closes_ms:
        now.refuse("closed")


def seats_taken(tx: Transaction, event: Event, *, besides: str = "") -> int:
    """Seats of live bookings, but for one booking that is being changed."""
    row = tx.one(
        "SELECT coalesce(sum(seats), 0) AS seats FROM bookings"
        " WHERE account_id = ? AND event_id = ? AND canceled = 0 AND booking_number <> ?",
        event.account_id,
        event.event_id,
        besides,
    )
    return row["seats"] if row else 0


def free_seats(tx: Transaction, event: Event, now: Conditions, *, besides: str = "") -> int:
    """Seats that can be booked now: capacity less bookings, holds and what is withheld."""
    held = tx.one(
        "SELECT coalesce(sum(seats), 0) AS seats FROM holds"
        " WHERE account_id = ? AND event_id = ? AND expires_ms > ?",
        event.account_id,
        event.event_id,
        tx.now_ms,
    )
    taken = seats_taken(tx, event, besides=besides)
    free = max(0, event.capacity - taken - (held["seats"] if held else 0))
    for fault, flap in now.book.standing(tx, CapacityFlap):
        if flap.event_id not in ("*", event.event_id):
            continue
        if int((tx.now_ms - fault.added_ms) / flap.period_ms) % 2 == 0:
            free = 0 if flap.withhold is None else max(0, free - flap.withhold)
    return free
