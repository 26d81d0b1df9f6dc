"""What one registration leaves in the database: `python -m bench.capacity.kept_rows`.

DATABASE_URL is of one that holds few registrations and nothing else, such as the demo's.
"""

import json
from pathlib import Path

import psycopg
from psycopg import sql

from domain.frozen import Frozen
from settings import DeploySettings

FILE = Path(__file__).parent.parent / "results" / "kept_rows.json"

OF_A_REGISTRATION = (
    "scheduled_registrations",
    "registration_children",
    "mandates",
    "booking_attempts",
    "charges",
    "registrations",
    "audit_events",
    "operations",
    "notifications",
)
"""The tables that grow with each; people, programs and jobs have others."""


class Kept(Frozen):
    """Of one registration, in one table."""

    table: str
    rows: float
    bytes_of_rows: int


class KeptRows(Frozen):
    """Of one registration, in all."""

    registrations: int
    """How many they were measured over."""
    tables: tuple[Kept, ...]

    @property
    def rows(self) -> float:
        """How many."""
        return sum(each.rows for each in self.tables)

    @property
    def bytes_of_rows(self) -> int:
        """Without indexes and what Postgres keeps of each page."""
        return sum(each.bytes_of_rows for each in self.tables)


def measured(connection: psycopg.Connection) -> KeptRows:
    """What is there, shared out over the registrations that are completed."""
    count = "select count(*) from public.scheduled_registrations where status = 'completed'"
    completed: int = connection.execute(count).fetchall()[0][0]
    tables: list[Kept] = []
    for table in OF_A_REGISTRATION:
        query = sql.SQL("select count(*), coalesce(sum(pg_column_size(t.*)), 0) from public.{} t")
        rows, size = connection.execute(query.format(sql.Identifier(table))).fetchall()[0]
        tables.append(
            Kept(table=table, rows=rows / completed, bytes_of_rows=round(size / completed))
        )
    return KeptRows(registrations=completed, tables=tuple(tables))


def main() -> None:
    """Write them down."""
    with psycopg.connect(DeploySettings.load().database_url.get_secret_value()) as connection:
        found = measured(connection)
    FILE.write_text(json.dumps(found.model_dump(), indent=2) + "\n")


if __name__ == "__main__":
    main()
