"""The database, watched from beside: one light statement, never through the data API."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Self
from uuid import UUID

import psycopg


class RowSeen(NamedTuple):
    """One registration's row, with its receipt's instant."""

    id: UUID
    status: str
    fee_status: str
    confirmed_at: datetime | None
    queue_delay_ms: int | None
    """As the row says: from the opening to its assigned send time."""
    receipt_at: datetime | None


class Statements(NamedTuple):
    """What Postgres counts of the whole database."""

    transactions: int
    """Committed and rolled back; the data API spends one on each call."""
    rows_read: int


class Database:
    """A superuser's connection of its own. A context manager."""

    def __init__(self, url: str) -> None:
        self._connection = psycopg.connect(url, autocommit=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def under_way(self, ids: Sequence[UUID]) -> int:
        """How many of them have not ended."""
        return self._count(
            "select count(*) from public.scheduled_registrations"
            " where id = any(%s) and status in ('draft', 'pending', 'executing')",
            ids,
        )

    def unconfirmed(self, ids: Sequence[UUID]) -> int:
        """How many of them are still drafts."""
        return self._count(
            "select count(*) from public.scheduled_registrations"
            " where id = any(%s) and status = 'draft'",
            ids,
        )

    def markers(self, ids: Sequence[UUID]) -> int:
        """How many of them are armed: have a marker that is not closed."""
        return self._count(
            "select count(distinct registration_id) from public.booking_attempts"
            " where registration_id = any(%s) and closed_at is null",
            ids,
        )

    def armed_late(self, ids: Sequence[UUID]) -> int:
        """How many of them say so in their audit trail."""
        return self._count(
            "select count(distinct registration_id) from public.audit_events"
            " where registration_id = any(%s) and detail::text ~ '\"armed_late\": ?true'",
            ids,
        )

    def rows(self, ids: Sequence[UUID]) -> dict[UUID, RowSeen]:
        """Where each of them stands."""
        found = self._connection.execute(
            "select s.id, s.status, s.fee_status, s.confirmed_at, s.queue_delay_ms,"
            " r.issued_at"
            " from public.scheduled_registrations s"
            " left join public.registrations r on r.scheduled_registration_id = s.id"
            " where s.id = any(%s)",
            [list(ids)],
        )
        return {row[0]: RowSeen(*row) for row in found}

    def statements(self) -> Statements:
        """So far. Postgres sums up a session's counts within a second of its last statement."""
        row = self._connection.execute(
            "select xact_commit + xact_rollback, tup_returned from pg_stat_database"
            " where datname = current_database()"
        ).fetchone()
        return Statements(*row) if row else Statements(0, 0)

    def _count(self, question: str, ids: Sequence[UUID]) -> int:
        row = self._connection.execute(question.encode(), [list(ids)]).fetchone()
        return int(row[0]) if row else 0
