"""What happens later: scheduled work and webhook deliveries, both surviving a restart."""

import asyncio
import json
import logging
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import httpx

from sandbox.simulator.store import Store, Transaction, now_ms
from sandbox.simulator.vendor import Delivery, Vendor

SCHEMA = """
CREATE TABLE IF NOT EXISTS sim_jobs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL,
  payload TEXT NOT NULL,
  due_ms REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS sim_deliveries (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  url TEXT NOT NULL,
  body BLOB NOT NULL,
  attributes TEXT NOT NULL,
  due_ms REAL,
  attempts INTEGER NOT NULL DEFAULT 0,
  under_way INTEGER NOT NULL DEFAULT 0,
  status INTEGER
);
"""

log = logging.getLogger("sandbox.simulator")


def schedule(tx: Transaction, name: str, payload: Mapping[str, Any], *, due_ms: float) -> None:
    """Have the vendor's job of that name run at `due_ms` (epoch milliseconds)."""
    tx.insert(
        "INSERT INTO sim_jobs (name, payload, due_ms) VALUES (?, ?, ?)",
        name,
        json.dumps(dict(payload)),
        due_ms,
    )


def deliver(
    tx: Transaction,
    url: str,
    body: bytes,
    attributes: Mapping[str, Any],
    *,
    due_ms: float | None = None,
) -> int:
    """Have a webhook posted, now or at `due_ms`; returns the delivery's id."""
    return tx.insert(
        "INSERT INTO sim_deliveries (url, body, attributes, due_ms) VALUES (?, ?, ?, ?)",
        url,
        body,
        json.dumps(dict(attributes)),
        tx.now_ms if due_ms is None else due_ms,
    )


def is_loopback_url(url: str) -> bool:
    """Whether a webhook may be posted there: a simulator never speaks to another machine."""
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


class Background:
    """Runs due jobs and deliveries on the server's event loop."""

    def __init__(self, store: Store, vendor: Vendor) -> None:
        self._store = store
        self._vendor = vendor
        self._wake = asyncio.Event()
        self._sending: set[asyncio.Task[None]] = set()

    def nudge(self) -> None:
        """Something new may be due."""
        self._wake.set()

    async def run(self) -> None:
        """Until cancelled."""
        limits = httpx.Timeout(self._vendor.delivery_timeout_seconds)
        async with httpx.AsyncClient(timeout=limits, trust_env=False) as client:
            try:
                while True:
                    self._wake.clear()
                    next_due = self._run_due(client)
                    wait = None if next_due is None else max(0.0, (next_due - now_ms()) / 1000)
                    try:
                        await asyncio.wait_for(self._wake.wait(), wait)
                    except TimeoutError:
                        continue
            finally:
                for task in self._sending:
                    task.cancel()

    def _run_due(self, client: httpx.AsyncClient) -> float | None:
        with self._store.transaction() as tx:
            jobs = tx.all("SELECT * FROM sim_jobs WHERE due_ms <= ? ORDER BY due_ms", tx.now_ms)
        for job in jobs:
            self._run_job(job)
        with self._store.transaction() as tx:
            for row in tx.all("SELECT * FROM sim_deliveries WHERE due_ms <= ?", tx.now_ms):
                # Not due while under way; should the process die meanwhile, `recover` makes it
                # due once more.
                tx.execute(
                    "UPDATE sim_deliveries SET due_ms = NULL, under_way = 1,"
                    " attempts = attempts + 1 WHERE id = ?",
                    row["id"],
                )
                task = asyncio.create_task(self._send(client, row))
                self._sending.add(task)
                task.add_done_callback(self._sending.discard)
            due = tx.one(
                "SELECT min(due_ms) AS due FROM (SELECT due_ms FROM sim_jobs UNION ALL"
                " SELECT due_ms FROM sim_deliveries WHERE due_ms IS NOT NULL)"
            )
        return None if due is None else due["due"]

    def _run_job(self, job: Mapping[str, Any]) -> None:
        try:
            with self._store.transaction() as tx:
                tx.execute("DELETE FROM sim_jobs WHERE id = ?", job["id"])
                self._vendor.jobs[job["name"]](tx, json.loads(job["payload"]))
        except Exception:
            log.exception("the scheduled job %s failed and is dropped", job["name"])
            with self._store.transaction() as tx:
                tx.execute("DELETE FROM sim_jobs WHERE id = ?", job["id"])

    async def _send(self, client: httpx.AsyncClient, row: Mapping[str, Any]) -> None:
        attempt = int(row["attempts"]) + 1
        attributes = json.loads(row["attributes"])
        delivery = Delivery(row["url"], row["body"], attributes, attempt)
        status: int | None = None
        if is_loopback_url(row["url"]):
            headers = {"content-type": "application/json", **self._vendor.sign(delivery)}
            try:
                answer = await client.post(row["url"], content=row["body"], headers=headers)
                status = answer.status_code
            except httpx.HTTPError:
                status = None
        taken = status is not None and status // 100 == 2  # noqa: PLR2004 - the 2xx class
        waits = self._vendor.redelivery_seconds
        again: float | None = None
        if not taken and attempt <= len(waits):
            again = now_ms() + waits[attempt - 1] * 1000
        with self._store.transaction() as tx:
            tx.execute(
                "UPDATE sim_deliveries SET under_way = 0, status = ?, due_ms = ? WHERE id = ?",
                status,
                again,
                row["id"],
            )
        self.nudge()


def recover(tx: Transaction) -> None:
    """Make deliveries that a dead process had under way due again."""
    tx.execute("UPDATE sim_deliveries SET due_ms = ?, under_way = 0 WHERE under_way = 1", tx.now_ms)


def deliveries(tx: Transaction) -> list[dict[str, Any]]:
    """Every delivery with its attempts and last status, for the control surface."""
    return tx.all("SELECT id, url, attempts, status, due_ms FROM sim_deliveries ORDER BY id")
