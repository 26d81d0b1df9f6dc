"""Who is calling: the business account behind a pair of keys."""

import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.simulator.answer import Answer, Refused
from sandbox.simulator.store import Transaction
from sandbox.simulator.vendor import Call, Handler

DEFAULT_ACCOUNT = "default"
DEFAULT_CATEGORIES = {"Cadults": 1, "Cchildren": 1, "Cinfants": 0}
"""People category id to the seats that one such person takes."""


@dataclass(frozen=True, slots=True)
class Account:
    """One business at Bookeo. The keys stay in the database."""

    account_id: str
    time_zone: str
    permissions: tuple[str, ...]
    categories: dict[str, int]
    created_ms: float


AccountHandler = Callable[[Call, Transaction, Account], Answer]


def authorised(handler: AccountHandler) -> Handler:
    """A handler that runs only for good keys; 401 otherwise."""

    def guarded(call: Call, tx: Transaction) -> Answer:
        return handler(call, tx, calling_account(call, tx))

    return guarded


def calling_account(call: Call, tx: Transaction) -> Account:
    """The account whose keys the request carries, in headers or in the query.

    Raises:
        Refused: 401, keys missing or wrong.
    """
    headers, query = call.request.headers, call.request.query_params
    api_key = headers.get("x-bookeo-apikey") or query.get("apiKey") or ""
    secret = headers.get("x-bookeo-secretkey") or query.get("secretKey") or ""
    row = tx.one("SELECT * FROM accounts WHERE api_key = ?", api_key)
    if row is None or not hmac.compare_digest(str(row["secret_key"]).encode(), secret.encode()):
        raise Refused(401, "The API key or the secret key is not valid.")
    return _account(row)


def account_of(tx: Transaction, account_id: str) -> Account:
    """The account of that id.

    Raises:
        Refused: 404, there is none.
    """
    row = tx.one("SELECT * FROM accounts WHERE account_id = ?", account_id)
    if row is None:
        raise Refused(404, f"There is no account {account_id!r}. Seed it first.")
    return _account(row)


def _account(row: dict[str, object]) -> Account:
    return Account(
        account_id=str(row["account_id"]),
        time_zone=str(row["time_zone"]),
        permissions=tuple(json.loads(str(row["permissions"]))),
        categories=dict(json.loads(str(row["categories"]))),
        created_ms=float(str(row["created_ms"])),
    )
