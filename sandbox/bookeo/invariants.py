"""What must hold however the client behaves, and what a good client keeps true."""

from sandbox.simulator.store import Transaction


def violations(tx: Transaction) -> list[str]:
    """One sentence for each promise that the bookings break."""
    return [*_overbooked(tx), *_duplicates(tx), *_early(tx)]


def _overbooked(tx: Transaction) -> list[str]:
    rows = tx.all(
        "SELECT event_id, capacity, sum(seats) AS taken FROM bookings"
        " JOIN events USING (account_id, event_id) WHERE canceled = 0"
        " GROUP BY account_id, event_id HAVING taken > capacity"
    )
    return [
        f"event {row['event_id']}: {row['taken']} seats taken of {row['capacity']}" for row in rows
    ]


def _duplicates(tx: Transaction) -> list[str]:
    rows = tx.all(
        "SELECT external_ref, count(*) AS live FROM bookings"
        " WHERE canceled = 0 AND external_ref <> '' GROUP BY account_id, external_ref"
        " HAVING live > 1"
    )
    return [f"externalRef {row['external_ref']}: {row['live']} live bookings" for row in rows]


def _early(tx: Transaction) -> list[str]:
    rows = tx.all(
        "SELECT booking_number, opens_ms - clock_ms AS early FROM bookings"
        " WHERE clock_ms < opens_ms"
    )
    return [
        f"booking {row['booking_number']}: made {row['early']:.3f} ms before the window opened"
        for row in rows
    ]
