"""What the database says of its own rights and rows, once somebody has changed them."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from domain.health import HealthQuestion, HealthReport, Matter
from tests.database import steps
from tests.database.door import Database, Rows
from tests.database.family import Family


@contextmanager
def undone(database: Database) -> Generator[Rows]:
    """A session of the owner's, of which nothing stays."""
    with database.session("postgres") as rows:
        yield rows
        raise psycopg.Rollback


def report(rows: Rows, role: str = "service_role") -> HealthReport:
    """As a caller of that role gets it."""
    rows.run(f"set local role {role}")
    ((answer,),) = rows.run(
        "select public.health_report(%s)", Jsonb(HealthQuestion().model_dump(mode="json"))
    )
    rows.run("set local role postgres")
    return HealthReport.model_validate(answer)


@pytest.mark.parametrize(
    ("change", "deviations"),
    [
        (
            "grant select on public.children to service_role",
            {
                "excess": [
                    {"role": "service_role", "privilege": "select", "thing": "children"},
                ]
            },
        ),
        (
            "grant update (first_name) on public.children to authenticated",
            {
                "excess": [
                    {"role": "authenticated", "privilege": "update", "thing": "children"},
                ]
            },
        ),
        (
            "grant truncate on public.audit_events to anon",
            {"excess": [{"role": "anon", "privilege": "truncate", "thing": "audit_events"}]},
        ),
        (
            "grant execute on function public.ping() to anon",
            {"excess": [{"role": "anon", "privilege": "execute", "thing": "ping"}]},
        ),
        (
            "grant usage on schema app to service_role",
            {"excess": [{"role": "service_role", "privilege": "usage", "thing": "app"}]},
        ),
        ("revoke execute on function public.ping() from service_role", {"withheld": ["ping"]}),
        ("alter table public.children disable row level security", {"unguarded": ["children"]}),
        (
            "create policy anything on public.children for all to authenticated using (true)",
            {"writing_policies": ["children.anything"]},
        ),
        (
            "alter table public.charges disable trigger charges_keep_frozen",
            {"disabled_triggers": ["charges.charges_keep_frozen"]},
        ),
    ],
    ids=[
        "a table granted to the service",
        "a column granted to users",
        "an audit trail granted to anybody",
        "a function granted to anybody",
        "the inner schema opened",
        "a function withheld from the service",
        "row level security switched off",
        "a policy for writing",
        "a trigger switched off",
    ],
)
def test_a_right_that_was_changed_is_told(
    database: Database, change: str, deviations: dict[str, Any]
) -> None:
    with undone(database) as rows:
        rows.run(change)
        told = report(rows).privileges.model_dump(mode="json")

    assert {name: value for name, value in told.items() if value} == deviations


def test_each_migration_that_was_applied_is_told_with_its_checksum(database: Database) -> None:
    with undone(database) as rows:
        applied = report(rows).applied
        rows.run("drop table supabase_migrations.schema_migrations")
        without = report(rows).applied

    assert applied[0].version == "20261101000100"
    assert all(one.sha256 is not None for one in applied)
    assert without == ()


def test_a_receipt_that_was_removed_and_a_token_that_cannot_be_read_are_told(
    database: Database, family: Family
) -> None:
    row = family.completed(steps.fee_paid())
    with undone(database) as rows:
        rows.run("set local session_replication_role = replica")
        rows.run("delete from public.registrations where scheduled_registration_id = %s", row.id)
        rows.run("update public.mandates set token = 'no.token' where registration_id = %s", row.id)
        told = report(rows)

    assert told.of(Matter.WITHOUT_RECEIPT).codes == (row.code,)
    assert None in {key.name for key in told.mandate_keys}
