"""The control surface's own additions: accounts, products, events, and all bookings."""

import json
from datetime import datetime
from typing import Annotated, Any, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, SecretStr, ValidationError

from sandbox.bookeo.accounts import DEFAULT_ACCOUNT, DEFAULT_CATEGORIES, account_of
from sandbox.bookeo.later import cancel_by_business
from sandbox.bookeo.products import Cents, ProductSeed, product_of
from sandbox.simulator.answer import Answer, Refused
from sandbox.simulator.control_surface import explained
from sandbox.simulator.store import Transaction
from sandbox.simulator.vendor import Call, VendorRoute

PERMISSIONS = ("bookings_rw_all", "customers_rw_all", "availability_r", "settings_r")


class AccountSeed(BaseModel):
    """A business with its pair of keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    account_id: str = DEFAULT_ACCOUNT
    api_key: SecretStr
    secret_key: SecretStr
    time_zone: str = "America/New_York"
    permissions: tuple[str, ...] = PERMISSIONS
    categories: dict[str, Annotated[int, Field(ge=0)]] = DEFAULT_CATEGORIES


class EventSeed(BaseModel):
    """One occurrence of a product. Times carry an offset."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    account_id: str = DEFAULT_ACCOUNT
    product_id: str
    event_id: str
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    capacity: Annotated[int, Field(ge=0, le=100_000)]
    opens_at: AwareDatetime | None = None
    """To the microsecond; None: always open."""
    closes_at: AwareDatetime | None = None
    """None: when it starts."""
    first_class_event_id: str | None = None
    rates: dict[str, Cents] = {}


class SeedFile(BaseModel):
    """What the command line loads: any number of each, in this order."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    accounts: tuple[dict[str, Any], ...] = ()
    products: tuple[dict[str, Any], ...] = ()
    events: tuple[dict[str, Any], ...] = ()


S = TypeVar("S", bound=BaseModel)


def put_account(tx: Transaction, seed: AccountSeed) -> None:
    """Create the account, or change it."""
    tx.execute(
        "INSERT INTO accounts (account_id, api_key, secret_key, time_zone, permissions, categories,"
        " created_ms) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (account_id) DO UPDATE SET"
        " api_key = excluded.api_key, secret_key = excluded.secret_key,"
        " time_zone = excluded.time_zone, permissions = excluded.permissions,"
        " categories = excluded.categories",
        seed.account_id,
        seed.api_key.get_secret_value(),
        seed.secret_key.get_secret_value(),
        seed.time_zone,
        json.dumps(seed.permissions),
        json.dumps(seed.categories),
        tx.now_ms,
    )


def _accounts(call: Call, tx: Transaction) -> Answer:
    seed = _read(call, AccountSeed)
    taken = tx.one(
        "SELECT 1 AS found FROM accounts WHERE api_key = ? AND account_id <> ?",
        seed.api_key.get_secret_value(),
        seed.account_id,
    )
    if taken is not None:
        raise Refused(409, "Another account has this API key.")
    put_account(tx, seed)
    return Answer.of({"account_id": seed.account_id})


def _products(call: Call, tx: Transaction) -> Answer:
    seed = _read(call, ProductSeed)
    account_of(tx, seed.account_id)
    tx.execute(
        "INSERT INTO products (account_id, product_id, seed) VALUES (?, ?, ?)"
        " ON CONFLICT DO UPDATE SET seed = excluded.seed",
        seed.account_id,
        seed.product_id,
        seed.model_dump_json(),
    )
    return Answer.of({"product_id": seed.product_id})


def _events(call: Call, tx: Transaction) -> Answer:
    seed = _read(call, EventSeed)
    product_of(tx, seed.account_id, seed.product_id)
    tx.execute(
        "INSERT INTO events (account_id, event_id, product_id, starts_ms, ends_ms, opens_ms,"
        " closes_ms, capacity, first_class_event_id, rates) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET product_id = excluded.product_id,"
        " starts_ms = excluded.starts_ms, ends_ms = excluded.ends_ms,"
        " opens_ms = excluded.opens_ms, closes_ms = excluded.closes_ms,"
        " capacity = excluded.capacity, first_class_event_id = excluded.first_class_event_id,"
        " rates = excluded.rates",
        seed.account_id,
        seed.event_id,
        seed.product_id,
        _ms(seed.starts_at),
        _ms(seed.ends_at),
        None if seed.opens_at is None else _ms(seed.opens_at),
        _ms(seed.closes_at or seed.starts_at),
        seed.capacity,
        seed.first_class_event_id,
        json.dumps(seed.rates),
    )
    return Answer.of({"event_id": seed.event_id})


def _bookings(call: Call, tx: Transaction) -> Answer:
    """All bookings of all accounts, rivals too, without anything personal."""
    reference = call.request.query_params.get("reference")
    rows = tx.all(
        "SELECT account_id, booking_number, product_id, event_id, customer_id, external_ref, seats,"
        " price_cents, currency, accepted, canceled, canceled_ms, policy_applied, rival, opens_ms,"
        " created_ms FROM bookings WHERE ? IS NULL OR external_ref = ? ORDER BY created_ms",
        reference,
        reference,
    )
    flags = ("accepted", "canceled", "policy_applied", "rival")
    return Answer.of(
        {"bookings": [row | {name: bool(row[name]) for name in flags} for row in rows]}
    )


def _cancel(call: Call, tx: Transaction) -> Answer:
    account_id = call.request.query_params.get("account_id", DEFAULT_ACCOUNT)
    cancel_by_business(tx, account_id, call.request.path_params["number"])
    return Answer(204)


CONTROL_ROUTES = (
    VendorRoute("POST", "/_sim/accounts", _accounts),
    VendorRoute("POST", "/_sim/products", _products),
    VendorRoute("POST", "/_sim/events", _events),
    VendorRoute("GET", "/_sim/bookings", _bookings),
    VendorRoute("POST", "/_sim/bookings/{number}/cancel", _cancel),
)


def _read(call: Call, seed: type[S]) -> S:
    try:
        return seed.model_validate(call.json_object())
    except ValidationError as invalid:
        raise Refused(422, explained(invalid)) from invalid


def _ms(moment: datetime) -> float:
    return moment.timestamp() * 1000
