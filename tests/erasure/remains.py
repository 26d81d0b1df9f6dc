"""What is left of an account in the database, so that two can be compared."""

import re
from uuid import UUID

import psycopg

from tests.database.erasing import GONE, NOT_ABOUT_ACCOUNTS, STAYS
from tests.database.test_erasing import whose

_ALIKE = (
    (re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "ID"),
    (re.compile(r"\d{4}-\d\d-\d\d[T ][\d:.]+(\+00:00|Z)?"), "AT"),
    (re.compile(r"\b(SCH|REG)-[A-Z2-9]{8}"), "CODE"),
    (re.compile(r"\b[0-9a-f]{32,64}\b"), "HASH"),
    (re.compile(r"\b(cus|pm|pi|org)[_-]\w+"), "NAME"),
    (re.compile(r'"token": "[^"]+"'), "TOKEN"),
)
"""What differs between two accounts that lived alike."""


def remains(database_url: str, user_id: UUID) -> dict[str, list[str]]:
    """Every row of the account, by table; ids, instants and codes all alike."""
    found: dict[str, list[str]] = {}
    with psycopg.connect(database_url) as database:
        for table in sorted({*GONE, *STAYS} - NOT_ABOUT_ACCOUNTS):
            rows = database.execute(
                f"select to_jsonb(t)::text from public.{table} as t where {whose(table)}".encode(),  # noqa: S608 - names of the schema
                (user_id,),
            ).fetchall()
            found[table] = sorted(_alike(row) for (row,) in rows)
    return found


def books(database_url: str, user_id: UUID) -> tuple[int, int]:
    """Cents that were charged, and cents that the receipts say."""
    with psycopg.connect(database_url) as database:
        found = database.execute(
            "select sum(charges.amount_cents) filter (where charges.status = 'succeeded'),"
            " sum(receipt.success_fee_cents) from registrations as receipt"
            " join charges on charges.registration_id = receipt.scheduled_registration_id"
            " where receipt.user_id = %s",
            (user_id,),
        ).fetchone()
    assert found is not None
    return found


def _alike(row: str) -> str:
    for pattern, name in _ALIKE:
        row = pattern.sub(name, row)
    return row
