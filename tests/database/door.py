"""The functions as the data API calls them, and the database behind them."""

import json
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from threading import Barrier
from typing import Any, TypeVar
from uuid import UUID

import psycopg
import pytest
from psycopg import sql
from psycopg.types.json import Jsonb

from domain.frozen import Frozen

Answer = TypeVar("Answer")

CONCLUSION_SECONDS = 30


class Door:
    """What the service role can do: call the public functions, one transaction each."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection

    def call(self, function: str, **arguments: object) -> Any:
        """The function's JSON; argument `x` becomes its parameter `p_x`."""
        named = sql.SQL(", ").join(
            sql.SQL("{} => {}").format(sql.Identifier(f"p_{name}"), sql.Placeholder(name))
            for name in arguments
        )
        row = self._connection.execute(
            sql.SQL("select public.{}({})").format(sql.Identifier(function), named),
            {name: _parameter(value) for name, value in arguments.items()},
        ).fetchone()
        assert row is not None
        return row[0]


def _parameter(value: object) -> object:
    match value:
        case Frozen():
            return Jsonb(value.model_dump(mode="json"))
        case dict():
            return Jsonb(value)
        case _:
            return value


class Rows:
    """One session's view of the rows."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection

    def run(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        cursor = self._connection.execute(statement.encode(), values)
        return cursor.fetchall() if cursor.description else []


class Database(AbstractContextManager["Database"]):
    """The database, for what no program does: reading rows, and breaking them."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._idle: list[psycopg.Connection] = []
        self._open = ExitStack()
        self._doors: list[Door] = []

    def __exit__(self, *_: object) -> None:
        self._open.close()
        for connection in self._idle:
            connection.close()

    @contextmanager
    def session(self, role: str, claims: Mapping[str, str] | None = None) -> Generator[Rows]:
        """One transaction as that role, with the claims of a verified token."""
        with self._connection() as connection, connection.transaction():
            connection.execute(sql.SQL("set local role {}").format(sql.Identifier(role)))
            connection.execute(
                "select set_config('request.jwt.claims', %s, true)", (json.dumps(claims or {}),)
            )
            yield Rows(connection)

    @contextmanager
    def _connection(self) -> Generator[psycopg.Connection]:
        connection = self._idle.pop() if self._idle else psycopg.connect(self.url)
        try:
            yield connection
        finally:
            self._idle.append(connection)

    @contextmanager
    def door(self) -> Generator[Door]:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute("set role service_role")
            yield Door(connection)

    @contextmanager
    def with_triggers_off(self) -> Generator[Rows]:
        """What somebody can do who owns the database and means harm."""
        with self.session("postgres") as rows:
            rows.run("set local session_replication_role = replica")
            yield rows

    def rows(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """What the owner reads."""
        with self.session("postgres") as rows:
            return rows.run(statement, *values)

    def at_once(self, acts: Sequence[Callable[[Door], Answer]]) -> list[Answer | psycopg.Error]:
        """Let every act go at the same moment, each through a door of its own."""
        start = Barrier(len(acts))

        def run(act: Callable[[Door], Answer], door: Door) -> Answer | psycopg.Error:
            start.wait(CONCLUSION_SECONDS)
            try:
                return act(door)
            except psycopg.Error as refused:
                return refused

        while len(self._doors) < len(acts):
            self._doors.append(self._open.enter_context(self.door()))
        with ThreadPoolExecutor(len(acts)) as threads:
            running = [
                threads.submit(run, act, door) for act, door in zip(acts, self._doors, strict=False)
            ]
            return [each.result(CONCLUSION_SECONDS) for each in running]


def refused(sqlstate: str, hint: str | None = None) -> AbstractContextManager[None]:
    """Expect a refusal, by its code and the rule's name."""
    return _refused(sqlstate, hint)


@contextmanager
def _refused(sqlstate: str, hint: str | None) -> Generator[None]:
    with pytest.raises(psycopg.Error) as caught:
        yield
    assert (caught.value.sqlstate, caught.value.diag.message_hint) == (sqlstate, hint)
    assert caught.value.diag.message_detail is None


def everything_about(database: Database, registration_id: UUID) -> list[tuple[Any, ...]]:
    """The row and all that hangs on it, to see whether anything changed."""
    return database.rows(
        """
        select to_jsonb(kept),
          (select jsonb_agg(to_jsonb(m)) from mandates m where m.registration_id = kept.id),
          (select jsonb_agg(to_jsonb(a) order by fence) from booking_attempts a
            where a.registration_id = kept.id),
          (select jsonb_agg(to_jsonb(c) order by number) from charges c
            where c.registration_id = kept.id),
          (select jsonb_agg(to_jsonb(r)) from registrations r
            where r.scheduled_registration_id = kept.id),
          (select count(*) from audit_events e where e.registration_id = kept.id),
          (select count(*) from operations o where o.registration_id = kept.id),
          (select count(*) from notifications n where n.registration_id = kept.id)
        from scheduled_registrations kept where id = %s
        """,
        registration_id,
    )
