"""A tiny vendor, a counter, served for real."""

import json
from collections.abc import Generator, Mapping
from typing import Any

import httpx
import pytest

from sandbox.simulator.answer import Answer, Refused
from sandbox.simulator.background import deliver, schedule
from sandbox.simulator.control import SimulatorControl
from sandbox.simulator.server import running
from sandbox.simulator.store import Transaction
from sandbox.simulator.vendor import Call, Delivery, Vendor, VendorRoute

TOKEN = "control-token-for-tests"


def _add(call: Call, tx: Transaction) -> Answer:
    body = call.json_object()
    if body.get("amount", 1) < 0:
        tx.execute("INSERT INTO additions (amount) VALUES (?)", -1)
        raise Refused(422, "Only upwards.")
    tx.execute("INSERT INTO additions (amount) VALUES (?)", body.get("amount", 1))
    if "later_ms" in body:
        schedule(tx, "add", {"amount": 1}, due_ms=tx.now_ms + body["later_ms"])
    if "webhook" in body:
        deliver(tx, body["webhook"], b'{"added":true}', {"secret": "s"})
    return Answer.of({"total": _total(tx)}, 201)


def _read(call: Call, tx: Transaction) -> Answer:
    del call
    return Answer.of({"total": _total(tx)})


def _total(tx: Transaction) -> int:
    row = tx.one("SELECT coalesce(sum(amount), 0) AS total FROM additions")
    assert row is not None
    return row["total"]


def _reference(call: Call, tx: Transaction) -> str | None:
    del tx
    try:
        return json.loads(call.body).get("reference")
    except ValueError:
        return None


def _add_later(tx: Transaction, payload: Mapping[str, Any]) -> None:
    tx.execute("INSERT INTO additions (amount) VALUES (?)", payload["amount"])


def _sign(delivery: Delivery) -> Mapping[str, str]:
    return {"x-signed": f"{delivery.attributes['secret']}-{delivery.attempt}"}


def _even(tx: Transaction) -> list[str]:
    return [] if _total(tx) < 1000 else ["the total is above 1000"]


def counter() -> Vendor:
    return Vendor(
        name="counter",
        schema="CREATE TABLE IF NOT EXISTS additions (amount INTEGER NOT NULL);",
        routes=[
            VendorRoute("POST", "/counter", _add),
            VendorRoute("GET", "/counter/{any}", _read),
        ],
        error=lambda status, message: Answer.of({"message": message}, status),
        invariants=_even,
        reference_of=_reference,
        jobs={"add": _add_later},
        sign=_sign,
        redelivery_seconds=(0.05, 0.05),
    )


@pytest.fixture
def vendor() -> Vendor:
    return counter()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Generator[str, None, None]:
    data = tmp_path_factory.mktemp("counter") / "counter.db"
    with running(counter(), data=data, control_token=TOKEN) as url:
        yield url


@pytest.fixture
def base_url(served: str) -> str:
    """The address of a counter that has counted nothing."""
    with SimulatorControl(served, TOKEN) as control:
        control.reset()
    return served


@pytest.fixture
def control(base_url: str) -> Generator[SimulatorControl, None, None]:
    with SimulatorControl(base_url, TOKEN) as control:
        yield control


@pytest.fixture
def client(base_url: str) -> Generator[httpx.Client, None, None]:
    with httpx.Client(base_url=base_url, timeout=5, trust_env=False) as client:
        yield client
