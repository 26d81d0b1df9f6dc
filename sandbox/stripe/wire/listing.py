"""Lists: newest first, filtered, in pages."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from sandbox.simulator.store import SqlValue
from sandbox.stripe import records
from sandbox.stripe.records import R
from sandbox.stripe.wire.parameters import Parameters, Range
from sandbox.stripe.wire.refusals import missing
from sandbox.stripe.work import Work

DEFAULT_LIMIT = 10


class ListParameters(Parameters):
    """What every list endpoint takes."""

    known: ClassVar[frozenset[str]] = frozenset(
        {"expand", "limit", "starting_after", "ending_before", "created", "customer"}
    )

    limit: Annotated[int, Field(ge=1, le=100)] = DEFAULT_LIMIT
    starting_after: str | None = None
    ending_before: str | None = None
    created: int | Range | None = None
    customer: str | None = None


def page(
    work: Work,
    kind: type[R],
    asked: ListParameters,
    *,
    url: str,
    where: Mapping[str, SqlValue | tuple[str, ...]] | None = None,
) -> dict[str, Any]:
    """One page of the objects of a kind.

    `where` compares fields: a None or an empty tuple is no condition, a tuple means any of its
    texts, in which `*` stands for anything.

    Raises:
        Refusal: 400, the page's cursor names no such object.
    """
    conditions = ["object = ?"]
    values: list[SqlValue] = [records.name_of(kind)]
    for name, wanted in {"customer": asked.customer, **(where or {})}.items():
        if isinstance(wanted, tuple):
            if wanted:
                either = " OR ".join(["json_extract(body, ?) GLOB ?"] * len(wanted))
                conditions.append(f"({either})")
                values += [part for text in wanted for part in (f"$.{name}", text)]
        elif wanted is not None:
            conditions.append("json_extract(body, ?) = ?")
            values += [f"$.{name}", wanted]
    for condition, bound in _created(asked.created):
        conditions.append(condition)
        values.append(bound)
    backwards = asked.ending_before is not None
    cursor = asked.ending_before or asked.starting_after
    if cursor is not None:
        conditions.append("number > ?" if backwards else "number < ?")
        values.append(_number(work, cursor, backwards=backwards))
    order = "ASC" if backwards else "DESC"
    rows = work.tx.all(
        f"SELECT body FROM stripe_objects WHERE {' AND '.join(conditions)}"  # noqa: S608 - placeholders only
        f" ORDER BY number {order} LIMIT ?",
        *values,
        asked.limit + 1,
    )
    shown = rows[: asked.limit]
    if backwards:
        shown.reverse()
    data = [kind.model_validate_json(row["body"]).wire() for row in shown]
    return {"object": "list", "data": data, "has_more": len(rows) > asked.limit, "url": url}


def _created(asked: int | Range | None) -> list[tuple[str, int]]:
    if asked is None:
        return []
    if isinstance(asked, int):
        return [("created = ?", asked)]
    bounds = [
        ("created > ?", asked.gt),
        ("created >= ?", asked.gte),
        ("created < ?", asked.lt),
        ("created <= ?", asked.lte),
    ]
    return [(condition, bound) for condition, bound in bounds if bound is not None]


def _number(work: Work, cursor: str, *, backwards: bool) -> int:
    row = work.tx.one("SELECT number FROM stripe_objects WHERE id = ?", cursor)
    if row is None:
        param = "ending_before" if backwards else "starting_after"
        raise missing("object", cursor, param=param)
    number: int = row["number"]
    return number
