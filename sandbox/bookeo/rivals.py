"""Rivals: other people who book in the first moments of a window."""

import random

from sandbox.bookeo.conditions import Conditions
from sandbox.bookeo.events import Event, free_seats
from sandbox.bookeo.faults import Rivals
from sandbox.bookeo.rows import insert_booking
from sandbox.simulator.store import Transaction


def admit_rivals(tx: Transaction, event: Event, now: Conditions) -> None:
    """Let those in who have arrived by now, in order, as far as seats last.

    Called before every look at an event's seats, so nobody can tell that they came late.
    """
    if event.opens_ms is None:
        return
    since_opening = now.clock_ms - event.opens_ms
    if since_opening < 0:
        return
    for fault, rule in now.book.standing(tx, Rivals):
        if rule.event_id not in ("*", event.event_id):
            continue
        draw = random.Random(f"{fault.seed}:{event.event_id}")  # noqa: S311 - repeatable
        offsets = sorted(draw.uniform(0, rule.within_ms) for _ in range(rule.count))
        here = [offset for offset in offsets if offset <= since_opening]
        already = _arrived(tx, fault.rule_id, event)
        for offset in here[already:]:
            if free_seats(tx, event, now) >= rule.seats:
                insert_booking(
                    tx,
                    account_id=event.account_id,
                    product_id=event.product_id,
                    event_id=event.event_id,
                    seats=rule.seats,
                    opens_ms=event.opens_ms,
                    created_ms=tx.now_ms - since_opening + offset,
                    clock_ms=event.opens_ms + offset,
                    rival=True,
                )
        if len(here) != already:
            _remember(tx, fault.rule_id, event, len(here))


def _arrived(tx: Transaction, rule_id: int, event: Event) -> int:
    row = tx.one(
        "SELECT arrived FROM rivals WHERE rule_id = ? AND account_id = ? AND event_id = ?",
        rule_id,
        event.account_id,
        event.event_id,
    )
    return row["arrived"] if row else 0


def _remember(tx: Transaction, rule_id: int, event: Event, arrived: int) -> None:
    tx.execute(
        "INSERT INTO rivals (rule_id, account_id, event_id, arrived) VALUES (?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET arrived = excluded.arrived",
        rule_id,
        event.account_id,
        event.event_id,
        arrived,
    )
