"""Idempotency keys with Stripe's semantics: the first answer, whatever it was, is the answer."""

import hashlib
import json
from collections.abc import Mapping

from sandbox.simulator.answer import Answer
from sandbox.simulator.store import Transaction
from sandbox.stripe.wire.form import Tree
from sandbox.stripe.wire.refusals import Refusal, invalid_request

SCHEMA = """
CREATE TABLE IF NOT EXISTS stripe_idempotency (
  key TEXT PRIMARY KEY,
  endpoint TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  status INTEGER NOT NULL,
  content BLOB NOT NULL,
  request_id TEXT NOT NULL,
  expires_at INTEGER NOT NULL
);
"""

LONGEST_KEY = 255


class InFlight:
    """The keys whose first request is executing. In memory: a killed process forgets them."""

    def __init__(self) -> None:
        self._keys: dict[str, str] = {}

    def begin(self, key: str, fingerprint: str) -> None:
        """Mark the key.

        Raises:
            Refusal: 409 while another request executes under it, 400 where that one differs.
        """
        current = self._keys.get(key)
        if current is None:
            self._keys[key] = fingerprint
            return
        if current != fingerprint:
            raise _drifted(key)
        raise Refusal(
            409,
            "invalid_request_error",
            f"There is currently another in-progress request using this Idempotent Key ({key})."
            " Please wait for it to end, and try again.",
            code="idempotency_key_in_use",
        )

    def end(self, key: str) -> None:
        """Free the key."""
        self._keys.pop(key, None)

    def clear(self) -> None:
        """Free all keys."""
        self._keys.clear()


def fingerprint_of(path: str, form: Tree) -> str:
    """Two requests are the same when path and parameters are, in whatever order."""
    canonical = json.dumps([path, form], sort_keys=True)
    return hashlib.sha256(canonical.encode()).hexdigest()


def check_length(key: str) -> None:
    """Raises Refusal: 400, the key is longer than Stripe takes."""
    if len(key) > LONGEST_KEY:
        raise invalid_request(f"An idempotency key has at most {LONGEST_KEY} characters.")


def replay(tx: Transaction, key: str, path: str, fingerprint: str, *, now: int) -> Answer | None:
    """The stored answer of the key, or None where none is remembered.

    Raises:
        Refusal: 400 idempotency_error, the key was first used for something else.
    """
    tx.execute("DELETE FROM stripe_idempotency WHERE expires_at <= ?", now)
    row = tx.one("SELECT * FROM stripe_idempotency WHERE key = ?", key)
    if row is None:
        return None
    if row["endpoint"] != path:
        raise _idempotency_error(
            "Keys for idempotent requests can only be used for the same endpoint they were first"
            f" used for ('{row['endpoint']}'). Try using a key other than '{key}' if you meant to"
            " execute a different request."
        )
    if row["fingerprint"] != fingerprint:
        raise _drifted(key)
    headers = {
        "content-type": "application/json",
        "idempotent-replayed": "true",
        "original-request": row["request_id"],
    }
    return Answer(row["status"], row["content"], headers)


def store(
    tx: Transaction,
    key: str,
    answer: Answer,
    facts: Mapping[str, str],
    *,
    expires_at: int,
) -> None:
    """Remember the answer until `expires_at`; `facts` are endpoint, fingerprint, request_id."""
    tx.execute(
        "INSERT OR REPLACE INTO stripe_idempotency"
        " (key, endpoint, fingerprint, status, content, request_id, expires_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        key,
        facts["endpoint"],
        facts["fingerprint"],
        answer.status,
        answer.content,
        facts["request_id"],
        expires_at,
    )


def forget(tx: Transaction, key: str | None = None) -> int:
    """Forget one key, or all, as if their time were over; returns how many were known."""
    return tx.execute("DELETE FROM stripe_idempotency WHERE ? IS NULL OR key = ?", key, key)


def _drifted(key: str) -> Refusal:
    return _idempotency_error(
        "Keys for idempotent requests can only be used with the same parameters they were first"
        f" used with. Try using a key other than '{key}' if you meant to execute a different"
        " request."
    )


def _idempotency_error(message: str) -> Refusal:
    return Refusal(400, "idempotency_error", message)
