"""What the control surface can adjust, kept in the state file."""

from sandbox.simulator.store import Transaction

SCHEMA = """
CREATE TABLE IF NOT EXISTS stripe_settings (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
);
"""

KEY_LIFE_SECONDS = 24 * 60 * 60
"""Stripe may forget an idempotency key once it is at least 24 hours old."""


def key_life(tx: Transaction) -> int:
    """How long an idempotency key is remembered, in seconds."""
    row = tx.one("SELECT value FROM stripe_settings WHERE name = 'key_life_seconds'")
    return KEY_LIFE_SECONDS if row is None else int(row["value"])


def set_key_life(tx: Transaction, seconds: int) -> None:
    """Set it, for keys used from now on."""
    tx.execute(
        "INSERT INTO stripe_settings (name, value) VALUES ('key_life_seconds', ?)"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        str(seconds),
    )


def clock_offset(tx: Transaction) -> int:
    """By how many seconds the provider's clock was moved ahead."""
    row = tx.one("SELECT value FROM stripe_settings WHERE name = 'clock_offset_seconds'")
    return 0 if row is None else int(row["value"])


def move_clock(tx: Transaction, seconds: int) -> None:
    """Move it further ahead, for good."""
    tx.execute(
        "INSERT INTO stripe_settings (name, value) VALUES ('clock_offset_seconds', ?)"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        str(clock_offset(tx) + seconds),
    )
