"""What the database itself knows of sealed fields: their form, and whether it takes any other."""

import re
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg.types.json import Jsonb

from domain.family import Guardian, NewChild
from domain.fields import CHILDREN, GUARDIANS, REGISTRATIONS, FieldPlace
from tests.database.door import Database, Door, Rows, refused
from tests.database.family import Family
from tests.field_keys import FIRST, fields
from tests.house.tree import read

PLACE = FieldPlace(CHILDREN, "first_name", uuid4(), uuid4())
SEALED = fields(FIRST).seal("Ada", PLACE)
CHILD = {"first_name": SEALED, "last_name": SEALED, "birth_date": SEALED}
CLEAR = {"first_name": "Ada", "last_name": "O'Brien", "birth_date": "2018-05-01"}


@contextmanager
def undone(database: Database) -> Generator[Rows]:
    """A session of the owner's, of which nothing stays."""
    with database.session("postgres") as rows:
        yield rows
        raise psycopg.Rollback


def demanded(rows: Rows) -> None:
    rows.run("update public.service_state set fields_sealed_since = clock_timestamp()")


def add(rows: Rows, family: Family, child: dict[str, Any]) -> None:
    rows.run("select public.add_child(%s, %s)", family.user_id, Jsonb(child))


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (SEALED, "first"),
        ("Ada", None),
        ("", None),
        ("sealed:1:first:short", None),
        (SEALED.replace(":1:", ":2:"), None),
        (f" {SEALED}", None),
        (f"{SEALED}\n", None),
    ],
    ids=["sealed", "clear", "nothing", "short", "another version", "indented", "with a line end"],
)
def test_a_text_says_itself_which_key_seals_it(
    database: Database, text: str, key: str | None
) -> None:
    assert database.rows("select app.field_key(%s)", text) == [(key,)]
    assert fields().key_of(text) == key


def test_the_fields_that_are_sealed_are_those_that_say_who_somebody_is(
    database: Database, family: Family
) -> None:
    family.draft()
    for table, columns in {
        GUARDIANS: set(Guardian.model_fields),
        CHILDREN: set(NewChild.model_fields),
        REGISTRATIONS: {"summary"},
    }.items():
        found = database.rows(
            f"select distinct jsonb_object_keys(app.fields(kept)) from public.{table} as kept"  # noqa: S608 - our own tables
        )
        assert {name for (name,) in found} == columns
        ((trigger,),) = database.rows(
            "select pg_get_triggerdef(oid) from pg_trigger where tgrelid = %s::regclass"
            " and tgfoid = 'app.refuse_clear_fields'::regproc",
            f"public.{table}",
        )
        named = trigger.partition("refuse_clear_fields(")[2].strip(")").split(", ")
        assert {name.strip("'") for name in named} == columns


def test_sealed_texts_are_taken_in_the_place_of_names_and_dates(family: Family, door: Door) -> None:
    child = door.call("add_child", user_id=family.user_id, child={**CHILD, "id": str(PLACE.row_id)})
    assert child == {**CHILD, "id": str(PLACE.row_id)}
    with refused("PT422", "invalid_child"):
        too_long = f"sealed:1:first:{'A' * 600}"
        door.call("add_child", user_id=family.user_id, child={**CHILD, "first_name": too_long})


def test_a_clear_field_is_refused_once_sealed_ones_are_demanded(
    database: Database, family: Family
) -> None:
    for column, text in CLEAR.items():
        with undone(database) as rows, refused("PT422", "clear_field"):
            demanded(rows)
            add(rows, family, {**CHILD, column: text})
    with undone(database) as rows, refused("PT422", "clear_field"):
        demanded(rows)
        rows.run(
            "update public.guardians set phone = '+1 617 555 0100' where user_id = %s",
            family.user_id,
        )


def test_what_is_sealed_is_taken_then_and_what_does_not_touch_it_goes_on(
    database: Database, family: Family
) -> None:
    row = family.pending()
    with undone(database) as rows:
        demanded(rows)
        add(rows, family, CHILD)
        # A registration whose words stand in the clear still goes on.
        rows.run("update public.scheduled_registrations set version = 7 where id = %s", row.id)


def test_sealed_fields_are_demanded_once_all_are_and_then_no_more(
    database: Database, family: Family
) -> None:
    family.draft()
    with undone(database) as rows:
        rows.run("set local session_replication_role = replica")
        rows.run(
            "update public.guardians set first_name = %(s)s, last_name = %(s)s, email = %(s)s,"
            " phone = %(s)s, birth_date = %(s)s".replace("%(s)s", f"'{SEALED}'")
        )
        rows.run(
            "update public.children set first_name = %(s)s, last_name = %(s)s,"
            " birth_date = %(s)s".replace("%(s)s", f"'{SEALED}'")
        )
        rows.run("update public.scheduled_registrations set summary = %s", SEALED)
        rows.run("set local session_replication_role = origin")
        for wanted, kind in ((True, "fields_sealed"), (True, None), (False, "fields_opened")):
            events = "select kind from public.service_events order by place desc limit 1"
            before = rows.run(events)
            rows.run("select public.demand_sealed_fields(%s)", wanted)
            assert rows.run(events) == ([(kind,)] if kind else before)
            since = rows.run("select fields_sealed_since is not null from public.service_state")
            assert since == [(wanted,)]


def test_nobody_slips_in_while_sealed_fields_are_being_demanded(
    database: Database, family: Family
) -> None:
    with undone(database) as writer, undone(database) as operator:
        add(writer, family, CLEAR)
        operator.run("set local lock_timeout = '50ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            operator.run("select public.demand_sealed_fields(true)")


def test_a_row_that_somebody_writes_is_left_for_the_next_pass(
    database: Database, family: Family
) -> None:
    child = family.child_ids[0]
    page = {"rows": [{"row_id": str(child), "before": {}, "after": {"first_name": SEALED}}]}
    with undone(database) as writer, undone(database) as operator:
        writer.run("update public.children set last_name = 'Moreau' where id = %s", child)
        operator.run("set local lock_timeout = '50ms'")
        passed = operator.run("select public.reseal_fields('children', %s)", Jsonb(page))
        assert passed == [(0,)]


def test_a_date_in_the_clear_is_kept_as_it_always_was(database: Database, family: Family) -> None:
    born = "select birth_date from public.children where id = %s"
    assert database.rows(born, family.child_ids[0]) == [("2018-05-01",)]


def test_what_the_runbook_types_for_a_lost_key_frees_all_that_it_sealed(
    database: Database, family: Family, door: Door
) -> None:
    child = {**CHILD, "id": str(uuid4())}
    door.call("add_child", user_id=family.user_id, child=child)
    blocks = re.findall(
        r"^```sql\n(.*?)^```", read(Path("docs/operations.md")), re.MULTILINE | re.DOTALL
    )
    (typed,) = (block for block in blocks if "app.field_key" in block)
    with undone(database) as rows:
        for statement in filter(str.strip, typed.replace("2026a", "first").split(";")):
            rows.run(statement)
        left = "select count(*) from app.kept_fields() where app.field_key(kept) = 'first'"
        assert rows.run(left) == [(0,)]
        ((freed,),) = rows.run("select public.list_children(%s)", family.user_id)
    assert "(lost)" in {one["first_name"] for one in freed}
