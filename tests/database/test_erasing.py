"""Marks planted wherever a row of an account can hold one, and looked for once it is erased."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

import pytest
from psycopg import Rollback

from domain.erasures import ERASED_WORDS
from tests.database import steps
from tests.database.account_rows import MORE
from tests.database.door import Database, Door, Rows, everything_about, refused
from tests.database.erasing import (
    ERASED,
    GONE,
    KEPT_OF_A_PROFILE,
    NOT_ABOUT_ACCOUNTS,
    STAYS,
)
from tests.database.family import Family, new_family

MARK = "Zörn-Marked"

BY_REGISTRATION = "registration_id in (select id from scheduled_registrations where user_id = %s)"
OWN = {
    "registrations": "user_id = %s",
    **dict.fromkeys(("alerts", "audit_events", "booking_attempts"), BY_REGISTRATION),
    **dict.fromkeys(("cancellation_wishes", "cancellations", "charges"), BY_REGISTRATION),
    **dict.fromkeys(("looks", "notifications", "operations", "refunds"), BY_REGISTRATION),
    **dict.fromkeys(("registration_children", "reviews"), BY_REGISTRATION),
}
"""Which rows are an account's, where not those that name its user."""


@contextmanager
def undone(database: Database) -> Generator[Rows]:
    """As the owner, past every trigger until told otherwise; nothing of it stays."""
    with database.session("postgres") as rows:
        rows.run("set local session_replication_role = replica")
        yield rows
        raise Rollback


def whose(table: str) -> str:
    return OWN.get(table, "user_id = %s")


def columns(rows: Rows) -> dict[str, dict[str, str]]:
    """Every column of every table, with its type; of one that leads to another table, none."""
    found: dict[str, dict[str, str]] = {}
    for table, column, kind in rows.run(
        "select relname, attname, case when exists (select from pg_constraint"
        " where conrelid = attrelid and contype = 'f' and attnum = any(conkey)) then ''"
        " else format_type(atttypid, null) end from pg_attribute"
        " join pg_class on pg_class.oid = attrelid"
        " where relnamespace = 'public'::regnamespace and relkind = 'r' and attnum > 0"
        " and not attisdropped and attgenerated = '' order by 1, attnum"
    ):
        found.setdefault(table, {})[column] = kind
    return found


def filled(rows: Rows, family: Family, done: UUID, failed: UUID) -> None:
    """A row of the account in every table that can have one."""
    names = {"done": done, "failed": failed, "user": family.user_id}
    for statement in MORE.split(";\n"):
        if statement.strip():
            rows.run(*_positional(statement, names))


def _positional(statement: str, names: dict[str, UUID]) -> tuple[Any, ...]:
    values: list[UUID] = []
    while "%(" in statement:
        before, _, rest = statement.partition("%(")
        name, _, after = rest.partition(")s")
        values.append(names[name])
        statement = f"{before}%s{after}"
    return statement, *values


def planted(rows: Rows, table: str, column: str, kind: str, user_id: UUID) -> bool:
    """Whether the column takes free text, and so a mark."""
    forms = {"text": [MARK], "jsonb": [f'{{"a": "{MARK}"}}', f'["{MARK}"]']}.get(kind, [])
    for form in forms:
        # Each row another: a unique column takes it too.
        value = "%s || left(ctid::text, 12)" if kind == "text" else "%s::jsonb"
        done = rows.run(
            "select pg_temp.tried(%s, %s, %s)",
            f"update public.{table} set {column} = {value.replace('%s', '$1')}"  # noqa: S608 - names of the schema
            f" where {whose(table).replace('%s', '$2')}",
            form,
            user_id,
        )
        if done == [(True,)]:
            return True
    return False


TRIED = """
create function pg_temp.tried(statement text, mark text, whose uuid) returns boolean
language plpgsql as $$
declare touched bigint;
begin
  execute statement using mark, whose;
  get diagnostics touched = row_count;
  return touched > 0;
exception when others then
  return false;
end $$
"""


@pytest.fixture(scope="module")
def marked(database: Database) -> dict[str, Any]:
    """What took a mark, what still has one afterwards, and what is left of each table."""
    with database.door() as door:
        family = new_family(door)
        failed, done = family.failed().id, family.completed(steps.fee_paid()).id
        family.draft()
    with undone(database) as rows:
        known = columns(rows)
        filled(rows, family, done, failed)
        rows.run(TRIED)
        about = {table: kinds for table, kinds in known.items() if table not in NOT_ABOUT_ACCOUNTS}
        took = {
            (table, column)
            for table, kinds in about.items()
            for column, kind in kinds.items()
            if planted(rows, table, column, kind, family.user_id)
        }
        before = {table: _count(rows, table, family.user_id) for table in about}
        # From here on as any program would find it.
        rows.run("set local session_replication_role = origin")
        rows.run("select public.erase_rows(%s)", family.user_id)
        rows.run("select public.finish_erasure(%s)", family.user_id)
        after = {table: _count(rows, table, family.user_id) for table in about}
        still = {
            (table, column)
            for table, kinds in about.items()
            for column in kinds
            if rows.run(
                f"select 1 from public.{table} where {whose(table)} and {column}::text like %s",  # noqa: S608 - names of the schema
                family.user_id,
                f"%{MARK}%",
            )
        }
        emptied = {
            (table, column): rows.run(
                f"select distinct {column}::text from public.{table} where {whose(table)}",  # noqa: S608 - likewise
                family.user_id,
            )
            for table, erased in ERASED.items()
            for column in erased
        }
    return {
        "tables": known,
        "took": took,
        "still": still,
        "before": before,
        "after": after,
        "emptied": emptied,
    }


def _count(rows: Rows, table: str, user_id: UUID) -> int:
    return rows.run(f"select count(*) from public.{table} where {whose(table)}", user_id)[0][0]  # noqa: S608 - names of the schema


def test_of_every_table_it_is_said_what_becomes_of_it(marked: dict[str, Any]) -> None:
    assert set(marked["tables"]) == {*NOT_ABOUT_ACCOUNTS, *GONE, *STAYS}
    assert set(ERASED) <= set(STAYS)
    for table, erased in ERASED.items():
        assert erased <= set(marked["tables"][table])
    profile = set(marked["tables"]["user_profiles"])
    assert profile == {*ERASED["user_profiles"], *KEPT_OF_A_PROFILE}


def test_the_account_had_rows_in_all_of_them_and_some_took_a_mark(marked: dict[str, Any]) -> None:
    assert {table for table, count in marked["before"].items() if not count} == set()
    assert {table for table, _ in marked["took"]} >= {
        *(GONE - {"looks", "cancellation_wishes"}),
        *ERASED,
        *("charges", "registrations", "audit_events"),
    }
    assert ("scheduled_registrations", "summary") in marked["took"]


def test_no_row_is_left_of_who_it_was(marked: dict[str, Any]) -> None:
    assert {table for table, count in marked["after"].items() if not count} == GONE


def test_marks_are_left_only_where_the_books_are(marked: dict[str, Any]) -> None:
    stay = {(table, column) for table, column in marked["took"] if table in STAYS}
    erased = {(table, column) for table, columns in ERASED.items() for column in columns}
    assert marked["still"] == stay - erased


def test_what_is_emptied_says_the_same_of_everybody(marked: dict[str, Any]) -> None:
    left = {value for rows in marked["emptied"].values() for (value,) in rows}
    assert left == {None, "[]", "free", "en_US", ERASED_WORDS}


def test_charges_still_add_up_and_the_audit_trail_holds(
    database: Database, door: Door, family: Family
) -> None:
    row = family.completed(steps.fee_paid())
    draft = family.draft()
    other = new_family(door).completed(steps.fee_paid())
    theirs = everything_about(database, other.id)
    before = books(database, family.user_id)
    _begun(database, family.user_id)

    for _ in range(2):
        door.call("erase_rows", user_id=family.user_id)
        door.call("finish_erasure", user_id=family.user_id)

    assert books(database, family.user_id) == before
    assert before[0][:2] == (2_000, 2_000)
    assert family.trail(row)[-1].kind == "completed"
    for one in (row, draft):
        assert door.call("verify_audit", registration_id=one.id)["holds"]
    assert door.call("erasure_case", user_id=family.user_id)["erasure"]["erased_at"]
    assert (family.trail(draft)[-1].kind, family.now(draft).status) == ("cancelled", "cancelled")
    assert everything_about(database, other.id) == theirs


def books(database: Database, user_id: UUID) -> list[tuple[Any, ...]]:
    """What was charged, what the receipts say, and under which keys."""
    return database.rows(
        "select sum(charges.amount_cents) filter (where charges.status = 'succeeded'),"
        " sum(receipt.success_fee_cents), array_agg(charges.idempotency_key),"
        " array_agg(receipt.receipt_code), array_agg(charges.payment_intent_id)"
        " from registrations as receipt"
        " join charges on charges.registration_id = receipt.scheduled_registration_id"
        " where receipt.user_id = %s",
        user_id,
    )


def _begun(database: Database, user_id: UUID) -> None:
    database.rows(
        "insert into erasures (user_id, asked_at, due_at, began_at)"
        " values (%s, now(), now(), now()) returning user_id",
        user_id,
    )


def test_nothing_is_erased_before_it_has_begun(door: Door, family: Family) -> None:
    with refused("PT404"):
        door.call("erase_rows", user_id=family.user_id)
    door.call("ask_erasure", user_id=family.user_id, grace="30 days")
    for function in ("erase_rows", "finish_erasure", "begin_erasure"):
        with refused("PT409"):
            door.call(function, user_id=family.user_id)


def test_erased_words_are_no_field_that_a_key_could_seal(
    database: Database, door: Door, family: Family
) -> None:
    row = family.draft()
    _begun(database, family.user_id)
    with undone(database) as rows:
        rows.run("set local session_replication_role = origin")
        rows.run("update service_state set fields_sealed_since = now()")
        rows.run("select public.erase_rows(%s)", family.user_id)
        summary = "select summary from scheduled_registrations where id = %s"
        assert rows.run(summary, row.id) == [(ERASED_WORDS,)]
        assert rows.run("select 1 from app.kept_fields() where row_id = %s", row.id) == []
    del door


def test_a_sealed_demand_still_takes_no_clear_summary(database: Database, family: Family) -> None:
    row = family.draft()
    with undone(database) as rows:
        rows.run("set local session_replication_role = origin")
        rows.run("update service_state set fields_sealed_since = now()")
        with refused("PT422", "clear_field"):
            rows.run(
                "update scheduled_registrations set summary = %s where id = %s",
                f"{ERASED_WORDS} {uuid4()}",
                row.id,
            )
