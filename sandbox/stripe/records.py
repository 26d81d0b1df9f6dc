"""Every object of the simulated account, kept as Stripe would show it."""

from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar

from domain.frozen import Frozen
from sandbox.simulator.store import Transaction

SCHEMA = """
CREATE TABLE IF NOT EXISTS stripe_objects (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  object TEXT NOT NULL,
  customer TEXT,
  created INTEGER NOT NULL,
  body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS stripe_objects_customer ON stripe_objects (object, customer);
"""


class Record(Frozen):
    """One object. Its fields are Stripe's, under Stripe's names; each kind defaults `object`.

    Attributes:
        hidden: fields that the simulator keeps and Stripe would not show.
    """

    hidden: ClassVar[frozenset[str]] = frozenset()

    id: str
    created: int
    """Unix seconds by the provider's clock."""
    livemode: bool = False

    def wire(self) -> dict[str, Any]:
        """As it is sent."""
        return self.model_dump(mode="json", exclude=set(self.hidden))


R = TypeVar("R", bound=Record)


def save(tx: Transaction, record: Record) -> None:
    """Insert the object, or replace what is stored under its id."""
    tx.execute(
        "INSERT INTO stripe_objects (id, object, customer, created, body) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET customer = excluded.customer, body = excluded.body",
        record.id,
        name_of(type(record)),
        getattr(record, "customer", None),
        record.created,
        record.model_dump_json(),
    )


def found(tx: Transaction, kind: type[R], identifier: str) -> R | None:
    """The object of that kind and id."""
    row = tx.one(
        "SELECT body FROM stripe_objects WHERE id = ? AND object = ?", identifier, name_of(kind)
    )
    return None if row is None else kind.model_validate_json(row["body"])


def every(tx: Transaction, kind: type[R], where: Mapping[str, str] | None = None) -> list[R]:
    """All objects of a kind, oldest first; `where` compares fields (`metadata.registration_id`)."""
    conditions = "".join(" AND json_extract(body, ?) = ?" for _ in where or {})
    values = [part for name, text in (where or {}).items() for part in (f"$.{name}", text)]
    rows = tx.all(
        f"SELECT body FROM stripe_objects WHERE object = ?{conditions} ORDER BY number",  # noqa: S608 - placeholders only
        name_of(kind),
        *values,
    )
    return [kind.model_validate_json(row["body"]) for row in rows]


def name_of(kind: type[Record]) -> str:
    """The kind's name on the wire: `payment_intent`."""
    name: str = kind.model_fields["object"].default
    return name
