"""The ledger: what arrived, what was done with it, what was answered."""

from typing import Any

from sandbox.simulator.store import Transaction, now_ms

SCHEMA = """
CREATE TABLE IF NOT EXISTS sim_requests (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  arrived_ms REAL NOT NULL,
  method TEXT NOT NULL,
  path TEXT NOT NULL,
  endpoint TEXT NOT NULL,
  reference TEXT,
  faults TEXT NOT NULL,
  committed_ms REAL,
  finished_ms REAL,
  status INTEGER,
  answered INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS sim_requests_reference ON sim_requests (reference);
"""


def arrived(
    tx: Transaction,
    *,
    arrived_ms: float,
    method: str,
    path: str,
    endpoint: str,
    reference: str | None,
) -> int:
    """Record a request; returns its id. `path` is without the query, which may hold keys."""
    return tx.insert(
        "INSERT INTO sim_requests (arrived_ms, method, path, endpoint, reference, faults)"
        " VALUES (?, ?, ?, ?, ?, '')",
        arrived_ms,
        method,
        path,
        endpoint,
        reference,
    )


def afflicted(tx: Transaction, request_id: int, kinds: list[str]) -> None:
    """Record which faults the request meets."""
    names = ",".join(kinds)
    tx.execute("UPDATE sim_requests SET faults = ? WHERE id = ?", names, request_id)


def committed(tx: Transaction, request_id: int) -> None:
    """Record, in the very transaction of its work, that the request changed the state."""
    tx.execute("UPDATE sim_requests SET committed_ms = ? WHERE id = ?", tx.now_ms, request_id)


def finished(tx: Transaction, request_id: int, *, status: int | None, answered: bool) -> None:
    """Record the answer's status, and whether all of the answer was handed to the network."""
    tx.execute(
        "UPDATE sim_requests SET finished_ms = ?, status = ?, answered = ? WHERE id = ?",
        now_ms(),
        status,
        int(answered),
        request_id,
    )


def requests(tx: Transaction, reference: str | None, after_id: int) -> list[dict[str, Any]]:
    """Requests in order of arrival at the ledger, of one reference or all."""
    rows = tx.all(
        "SELECT * FROM sim_requests WHERE (? IS NULL OR reference = ?) AND id > ? ORDER BY id",
        reference,
        reference,
        after_id,
    )
    return [
        row
        | {
            "faults": [name for name in row["faults"].split(",") if name],
            "answered": bool(row["answered"]),
        }
        for row in rows
    ]
