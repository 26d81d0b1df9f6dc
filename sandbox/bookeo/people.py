"""People: customers and those linked to them, as rows and on the wire."""

import json
import secrets
from typing import Any

from sandbox.bookeo.accounts import Account
from sandbox.bookeo.times import rfc3339
from sandbox.bookeo.wire import CustomerBody, PersonBody, written
from sandbox.simulator.answer import Refused
from sandbox.simulator.store import Transaction


def customer_row(tx: Transaction, account: Account, customer_id: str) -> dict[str, Any]:
    """The customer of that id.

    Raises:
        Refused: 404, the account has none such.
    """
    row = tx.one(
        "SELECT * FROM customers WHERE account_id = ? AND customer_id = ?",
        account.account_id,
        customer_id,
    )
    if row is None:
        raise Refused(404, "The customer does not exist.")
    return row


def insert_customer(
    tx: Transaction, account: Account, body: CustomerBody, *, clock_ms: float
) -> str:
    """Store a customer; returns the new id."""
    customer_id = f"C{secrets.token_hex(8)}"
    tx.insert(
        "INSERT INTO customers (account_id, customer_id, document, created_ms, clock_ms)"
        " VALUES (?, ?, ?, ?, ?)",
        account.account_id,
        customer_id,
        json.dumps(written(body)),
        tx.now_ms,
        clock_ms,
    )
    return customer_id


def insert_person(tx: Transaction, account: Account, customer_id: str, body: PersonBody) -> str:
    """Store a person linked to the customer; returns the new id."""
    person_id = f"P{secrets.token_hex(8)}"
    tx.insert(
        "INSERT INTO people (account_id, person_id, customer_id, document, created_ms)"
        " VALUES (?, ?, ?, ?, ?)",
        account.account_id,
        person_id,
        customer_id,
        json.dumps(written(body)),
        tx.now_ms,
    )
    return person_id


def delete_person(tx: Transaction, account: Account, customer_id: str, person_id: str) -> bool:
    """Whether there was one."""
    return bool(
        tx.execute(
            "DELETE FROM people WHERE account_id = ? AND customer_id = ? AND person_id = ?",
            account.account_id,
            customer_id,
            person_id,
        )
    )


def delete_customer(tx: Transaction, account: Account, customer_id: str) -> None:
    """With everybody linked; bookings stay."""
    for table in ("people", "customers"):
        tx.execute(
            f"DELETE FROM {table} WHERE account_id = ? AND customer_id = ?",  # noqa: S608 - our own tables
            account.account_id,
            customer_id,
        )


def customer_view(row: dict[str, Any], account: Account) -> dict[str, Any]:
    """A customer on the wire."""
    return {
        "id": row["customer_id"],
        "creationTime": rfc3339(row["clock_ms"], account.time_zone),
        **json.loads(row["document"]),
    }


def person_view(row: dict[str, Any]) -> dict[str, Any]:
    """A linked person on the wire."""
    return {
        "id": row["person_id"],
        "customerId": row["customer_id"],
        **json.loads(row["document"]),
    }
