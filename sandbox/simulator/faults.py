"""Faults: rules that make the simulator misbehave on purpose, repeatably."""

import json
import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from sandbox.simulator.store import Transaction

SCHEMA = """
CREATE TABLE IF NOT EXISTS sim_faults (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,
  endpoint TEXT NOT NULL,
  reference TEXT NOT NULL,
  skip INTEGER NOT NULL,
  remaining INTEGER,
  probability REAL,
  seed INTEGER NOT NULL,
  parameters TEXT NOT NULL,
  matched INTEGER NOT NULL DEFAULT 0,
  applied INTEGER NOT NULL DEFAULT 0,
  added_ms REAL NOT NULL
);
"""


class FaultKind(BaseModel):
    """The parameters of one kind of fault; a subclass is one kind.

    Attributes:
        kind: its name in a rule.
        standing: True for kinds that bend the world rather than single calls; they apply for
            as long as the rule exists and are never used up.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: ClassVar[str]
    standing: ClassVar[bool] = False


K = TypeVar("K", bound=FaultKind)


class FaultRule(BaseModel):
    """When a fault applies.

    A call is matched by endpoint and reference; the first `skip` matches are spared, then it
    applies to the next `remaining` ones (no bound when None), each with `probability`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str
    endpoint: str = "*"
    """`METHOD /path`, with shell wildcards: `POST /v2/bookings`, `GET /v2/*`, `*`. Matched
    against the route's template and against the path itself."""
    reference: str = "*"
    """The caller's own reference (Bookeo's externalRef, Stripe's idempotency key), or `*`."""
    skip: Annotated[int, Field(ge=0)] = 0
    remaining: Annotated[int, Field(ge=1)] | None = None
    probability: Annotated[float, Field(gt=0, le=1)] | None = None
    seed: int = 1
    """Of every random draw of this rule: the same seed and calls give the same faults."""
    parameters: dict[str, Any] = {}


class UnknownFault(Exception):
    """No such kind of fault."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A rule as it applies to one call."""

    rule_id: int
    effect: FaultKind
    draw: random.Random
    """Seeded by the rule and the count of its matches."""
    added_ms: float
    seed: int = 1


class FaultBook:
    """All rules of one simulator."""

    def __init__(self, kinds: Iterable[type[FaultKind]]) -> None:
        self._kinds = {kind.kind: kind for kind in kinds}

    def parsed(self, rule: FaultRule) -> FaultKind:
        """The rule's parameters, validated.

        Raises:
            UnknownFault: the kind does not exist.
            pydantic.ValidationError: the parameters are not the kind's.
        """
        if rule.kind not in self._kinds:
            known = ", ".join(sorted(self._kinds))
            raise UnknownFault(f"there is no fault kind {rule.kind!r}; known are {known}")
        return self._kinds[rule.kind].model_validate(rule.parameters)

    def add(self, tx: Transaction, rule: FaultRule) -> int:
        """Store the rule; returns its id. Raises as `parsed` does."""
        effect = self.parsed(rule)
        return tx.insert(
            "INSERT INTO sim_faults (kind, endpoint, reference, skip, remaining, probability, seed,"
            " parameters, added_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            rule.kind,
            rule.endpoint,
            rule.reference,
            rule.skip,
            rule.remaining,
            rule.probability,
            rule.seed,
            effect.model_dump_json(),
            tx.now_ms,
        )

    def clear(self, tx: Transaction, rule_id: int | None = None) -> None:
        """Remove one rule, or all."""
        tx.execute("DELETE FROM sim_faults WHERE ? IS NULL OR id = ?", rule_id, rule_id)

    def listed(self, tx: Transaction) -> list[dict[str, Any]]:
        """Every rule with how often it matched and applied."""
        rows = tx.all("SELECT * FROM sim_faults ORDER BY id")
        return [row | {"parameters": json.loads(row["parameters"])} for row in rows]

    def applying(
        self, tx: Transaction, endpoint: str, method_and_path: str, reference: str | None
    ) -> tuple[Fault, ...]:
        """The faults of one call, at most one of a kind; uses up the rules' counts."""
        chosen: dict[str, Fault] = {}
        for row in tx.all("SELECT * FROM sim_faults WHERE remaining IS NULL OR remaining > 0"):
            kind = self._kinds.get(row["kind"])
            if kind is None or kind.standing or row["kind"] in chosen:
                continue
            names = (endpoint, method_and_path)
            if not any(_matches(row["endpoint"], name) for name in names):
                continue
            if row["reference"] not in ("*", reference):
                continue
            tx.execute("UPDATE sim_faults SET matched = matched + 1 WHERE id = ?", row["id"])
            draw = _draw(row)
            if row["matched"] < row["skip"]:
                continue
            if row["probability"] is not None and draw.random() >= row["probability"]:
                continue
            tx.execute(
                "UPDATE sim_faults SET applied = applied + 1, remaining = remaining - 1"
                " WHERE id = ?",
                row["id"],
            )
            chosen[row["kind"]] = _fault(row, kind, draw)
        return tuple(chosen.values())

    def standing(self, tx: Transaction, kind: type[K]) -> list[tuple[Fault, K]]:
        """Every rule of a standing kind, oldest first."""
        rows = tx.all("SELECT * FROM sim_faults WHERE kind = ? ORDER BY id", kind.kind)
        found: list[tuple[Fault, K]] = []
        for row in rows:
            effect = kind.model_validate_json(row["parameters"])
            found.append(
                (Fault(row["id"], effect, _draw(row), row["added_ms"], row["seed"]), effect)
            )
        return found


def _matches(pattern: str, endpoint: str) -> bool:
    return pattern == endpoint or fnmatchcase(endpoint, pattern)


def _draw(row: Mapping[str, Any]) -> random.Random:
    seed = f"{row['seed']}:{row['kind']}:{row['matched']}"
    return random.Random(seed)  # noqa: S311 - repeatable, not secret


def _fault(row: Mapping[str, Any], kind: type[FaultKind], draw: random.Random) -> Fault:
    effect = kind.model_validate_json(row["parameters"])
    return Fault(row["id"], effect, draw, row["added_ms"], row["seed"])
