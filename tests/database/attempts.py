"""Trying everything that every role could do to every table, and undoing it."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import psycopg
from psycopg import sql

from tests.database import steps
from tests.database.door import Database
from tests.database.family import ISSUER, Family, new_family
from tests.database.rights import API_ROLES, TABLES

OWNER = "postgres"
REFUSED, NO_ROW, APPEND_ONLY = "-", ".", "!"

_DENIED = "42501"
"""SQLSTATE of a privilege that is missing."""

_ATTEMPT = """
create function pg_temp.attempt(statement text) returns text language plpgsql as $$
declare
  rows bigint;
  rule text;
begin
  execute statement;
  get diagnostics rows = row_count;
  -- Whatever was done is undone.
  raise exception using errcode = 'ZZ000', message = rows;
exception
  when sqlstate 'ZZ000' then
    return case when sqlerrm = '0' then 'no row' else 'done' end;
  when others then
    get stacked diagnostics rule = pg_exception_hint;
    return case when rule = 'append_only' then rule else sqlstate end;
end $$
"""


@dataclass(frozen=True)
class Caller:
    """A role with the claims of a token, as one column of the matrix."""

    name: str
    role: str
    claims: Mapping[str, str]


@dataclass(frozen=True)
class Matrix:
    """What was tried on the rows of one family, and what came of it."""

    cells: Mapping[tuple[str, str], str]
    """By table and caller's name: a letter a verb, select, insert, update, delete, truncate and,
    but for the owner, any one column; or a sign in its place."""
    columns: Mapping[str, frozenset[str]]
    """Every column of each table."""
    readable: Mapping[tuple[str, str], frozenset[str]]
    """By table and role: the columns."""
    functions: Mapping[tuple[str, str], tuple[str, ...]]
    """By schema and name: the roles that may call it."""


def callers(family: Family, other: Family) -> tuple[Caller, ...]:
    """Everybody who tries something on the rows of `family`."""
    stranger = {"iss": ISSUER, "sub": "auth0|nobody", "role": "authenticated"}
    return (
        Caller("anon", "anon", family.claims),
        Caller("the user", "authenticated", family.claims),
        Caller("another", "authenticated", other.claims),
        Caller("no user", "authenticated", stranger),
        # A user's claims must not make anything of these either.
        *(Caller(role, role, family.claims) for role in API_ROLES[2:]),
        Caller("owner", OWNER, {}),
    )


def tried(data_api: str, owner: str, families: Sequence[Family]) -> Matrix:
    """Try it all.

    Args:
        data_api: address of the database as the data API's login.
        owner: the same as the schema's owner.
        families: whose rows are tried, and somebody else. Each booked and subscribed.
    """
    one, other = families
    cells: dict[tuple[str, str], str] = {}
    readable: dict[tuple[str, str], frozenset[str]] = {}
    with _session(data_api) as api, _session(owner) as owning:
        columns = _columns(owning)
        for who in callers(one, other):
            session = owning if who.role == OWNER else api
            with session.transaction(force_rollback=True):
                become = sql.SQL("set local role {}").format(sql.Identifier(who.role))
                session.execute(become)
                session.execute(
                    "select set_config('request.jwt.claims', %s, true)", (json.dumps(who.claims),)
                )
                for table in columns:
                    cells[table, who.name] = _cell(session, who, table, columns[table], one)
                    readable[table, who.role] = _readable(session, table, columns[table])
        every = {table: frozenset(names) for table, names in columns.items()}
        return Matrix(cells, every, readable, _functions(owning))


def _session(url: str) -> psycopg.Connection:
    session = psycopg.connect(url, autocommit=True)
    session.execute(_ATTEMPT)
    # Nothing here waits for a lock that a test left behind.
    session.execute("set lock_timeout = '10s'")
    return session


def _cell(
    session: psycopg.Connection, who: Caller, table: str, columns: Sequence[str], family: Family
) -> str:
    whole, first = f"public.{table}", columns[0]
    seen = f"select count(*) from {whole}"  # noqa: S608 - names of the schema
    if who.role != OWNER:
        seen = f"select 1 from {whole} where {_belongs_to(family, table)}"  # noqa: S608 - likewise
    verbs = {
        "s": seen,
        "i": f"insert into {whole} default values",
        "u": f"update {whole} set {first} = default",  # noqa: S608 - likewise
        "d": f"delete from {whole}",  # noqa: S608 - likewise
        "t": f"truncate {whole}",
    }
    ends = _attempts(session, verbs.values())
    cell = "".join(_letter(verb, end) for verb, end in zip(verbs, ends, strict=True))
    return cell if who.role == OWNER else cell + _letter("c", _any_column(session, whole, columns))


def _any_column(session: psycopg.Connection, whole: str, columns: Sequence[str]) -> str:
    """How the least refused attempt ended to write one column alone."""
    writes = [
        write
        for name in columns
        for write in (
            f"insert into {whole} ({name}) values (default)",  # noqa: S608 - names of the schema
            f"update {whole} set {name} = default",  # noqa: S608 - likewise
        )
    ]
    return next((end for end in _attempts(session, writes) if end != _DENIED), _DENIED)


def _readable(session: psycopg.Connection, table: str, columns: Sequence[str]) -> frozenset[str]:
    reads = [f"select {name} from public.{table} limit 1" for name in columns]  # noqa: S608 - names of the schema
    ends = _attempts(session, reads)
    return frozenset(name for name, end in zip(columns, ends, strict=True) if end != _DENIED)


def _belongs_to(family: Family, table: str) -> str:
    """Which rows of a table are the family's; all of one that is nobody's in particular."""
    match TABLES[table].whose if table in TABLES else "":
        case "user_id":
            return f"user_id = '{family.user_id}'"
        case "registration_id":
            return (
                "registration_id in (select id from public.scheduled_registrations"  # noqa: S608 - an id of ours
                f" where user_id = '{family.user_id}')"
            )
        case _:
            return "true"


def _letter(verb: str, end: str) -> str:
    return {_DENIED: REFUSED, "append_only": APPEND_ONLY}.get(
        end, NO_ROW if verb == "s" and end == "no row" else verb
    )


def _attempts(session: psycopg.Connection, statements: Iterable[str]) -> list[str]:
    """How each statement ended: `done`, `no row`, `append_only`, or a SQLSTATE."""
    return [
        end
        for (end,) in session.execute(
            "select pg_temp.attempt(given) from unnest(%s::text[]) with ordinality as t(given, n)"
            " order by n",
            (list(statements),),
        )
    ]


def _columns(owning: psycopg.Connection) -> dict[str, list[str]]:
    """The columns of every table and view of the schema."""
    found: dict[str, list[str]] = {}
    for table, column in owning.execute(
        "select c.relname, quote_ident(a.attname) from pg_class c"
        " join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped"
        " where c.relnamespace = 'public'::regnamespace"
        " and c.relkind in ('r', 'p', 'v', 'm', 'f') order by c.relname, a.attnum"
    ):
        found.setdefault(table, []).append(column)
    return found


def _functions(owning: psycopg.Connection) -> dict[tuple[str, str], tuple[str, ...]]:
    rows = owning.execute(
        "select n.nspname, p.proname, array(select r from unnest(%s::text[]) as r"
        " where has_function_privilege(r, p.oid, 'execute'))"
        " from pg_proc p join pg_namespace n on n.oid = p.pronamespace"
        " where n.nspname in ('public', 'app') order by 1, 2",
        (list(API_ROLES),),
    )
    return {(schema, name): tuple(roles) for schema, name, roles in rows}


def two_families(database: Database) -> tuple[Family, Family]:
    """Each booked and subscribed, so that every table a user reads holds both."""
    with database.door() as door:
        pair = new_family(door), new_family(door)
        for family in pair:
            family.completed(steps.fee_paid())
            family.subscribed()
    return pair
