import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.database.rights import TABLES
from tests.mcp_server.arguments import CONFIRM, MOVE
from tests.mcp_server.failures import codes
from tests.stack.data_api import DataApi
from tests.stack.openings import Openings
from tests.stack.parent import Draft, Parent, new_parent
from tests.stack.world import World

pytestmark = pytest.mark.xdist_group("stack")

REFUSED = {401, 403, 404, 405}
UNKNOWN_COLUMN = 400
"""Of one that the data API's login does not see."""
NOBODYS = {name for name, table in TABLES.items() if table.read_by == "nobody"}
"""Tables that no user reads at all."""
IDS = {"id", "registration_id", "scheduled_registration_id"}
CATALOGUE = {name for name, table in TABLES.items() if table.read_by == "every user"}
"""Tables that every user reads."""


@dataclass(frozen=True)
class Two:
    """Ann has a booked registration, a sleeping one and a draft; Bea a draft."""

    ann: Parent
    bea: Parent
    booked: Draft
    asleep: Draft
    draft: Draft
    marks: frozenset[str]
    """What only a row of Ann's holds."""


@pytest.fixture(scope="module")
def two(world: World, openings: Openings) -> Two:
    ann, booked = openings.twice.parent, openings.twice.draft

    async def meet() -> Two:
        bea = await new_parent(world, "bea")
        await bea.draft(timedelta(days=2))
        asleep = await ann.pending(timedelta(days=2))
        draft = await ann.draft(timedelta(days=2))
        done = await ann.until(booked, status="completed")
        (user_id, mandate), *_ = world.rows(
            "select user_id::text, mandate_id::text from scheduled_registrations where id = %s",
            booked.id,
        )
        marks = {
            *(str(one.id) for one in (booked, asleep, draft)),
            *(one.code for one in (booked, asleep, draft)),
            *(user_id, mandate, ann.email, await ann.child()),
            *(done["receipt_code"], done["booking_number"]),
        }
        return Two(ann, bea, booked, asleep, draft, frozenset(marks))

    return asyncio.run(meet())


async def test_no_tool_that_takes_an_id_acts_on_anothers_registration(
    world: World, two: Two
) -> None:
    extra = {"confirm_registration": CONFIRM, "reschedule_registration": MOVE}
    before = world.everything()
    async with two.bea.chat() as bea:
        tools = [
            tool.name
            for tool in (await bea.list_tools()).tools
            if "registration_id" in tool.input_schema["properties"]
        ]
        assert len(tools) == 7
        for tool in tools:
            nobodys = extra.get(tool, {}) | {"registration_id": str(uuid4())}
            expected = await bea.call_tool(tool, nobodys)
            for hers in (two.booked, two.asleep, two.draft):
                answer = await bea.call_tool(tool, nobodys | {"registration_id": str(hers.id)})
                assert codes(answer) == ["not_found"]
                assert answer.structured_content == expected.structured_content
        stolen = await bea.call_tool("confirm_registration", two.draft.consent)
        assert codes(stolen) == ["not_found"]
    program = await world.offer(timedelta(days=2))
    before |= {table: world.everything()[table] for table in CATALOGUE}
    wish = await two.bea.wish(program, child_ids=[await two.ann.child()])
    assert await two.bea.refusal("schedule_registration", **wish) == ["unknown_child"]
    assert world.everything() == before


async def test_lists_show_nothing_of_anothers(two: Two) -> None:
    for tool in ("list_registrations", "list_children", "list_receipts", "get_profile"):
        assert not _marked(await two.bea.answer(tool), two)
        assert _marked(await two.ann.answer(tool), two)


def test_every_table_shows_a_user_nothing_of_anothers(world: World, two: Two) -> None:
    assert world.tables() == sorted(TABLES)
    with _as(two.ann) as ann, _as(two.bea) as bea, DataApi(world, None) as anybody:
        for table in world.tables():
            columns = _readable(world, table)
            assert bool(columns) == (table not in NOBODYS)
            assert anybody.select(table, columns or "*").status_code in REFUSED
            if not columns:
                assert bea.select(table).status_code in REFUSED
                assert ann.select(table).status_code in REFUSED
                continue
            assert not _marked(bea.rows(table, columns), two), table
            # A table without a trace of Ann's for Ann herself would prove nothing.
            assert table in CATALOGUE or _marked(ann.rows(table, columns), two), table
            for column in IDS & set(columns.split(",")):
                wanted = {column: f"eq.{two.booked.id}", "select": columns}
                assert bea.ask("GET", f"/{table}", params=wanted).json() == [], (table, column)


def test_no_user_writes_any_table_whosever_row_it_is(world: World, two: Two) -> None:
    before = world.everything()
    with _as(two.ann) as ann, _as(two.bea) as bea, DataApi(world, None) as anybody:
        for table in world.tables():
            column, *others = world.columns(table)
            row, any_row = {column: str(uuid4())}, {column: "not.is.null"}
            for user in (ann, bea, anybody):
                for answer in (
                    user.ask("POST", f"/{table}", json=row),
                    user.ask(
                        "POST",
                        f"/{table}",
                        json=row,
                        headers={"Prefer": "resolution=merge-duplicates"},
                    ),
                    user.ask("PATCH", f"/{table}", json=row, params=any_row),
                    user.ask("PUT", f"/{table}", json=row, params={column: f"eq.{row[column]}"}),
                    user.ask("DELETE", f"/{table}", params=any_row),
                ):
                    assert answer.status_code in REFUSED, (table, answer.request.method)
            for other in others:
                written = ann.ask("PATCH", f"/{table}", json={other: None}, params=any_row)
                assert written.status_code in REFUSED | {UNKNOWN_COLUMN}, (table, other)
    assert world.everything() == before


def test_no_user_calls_any_function(world: World, two: Two) -> None:
    functions = world.rows(
        "select proname, coalesce(proargnames[1:pronargs], '{}') from pg_proc"
        " where pronamespace = 'public'::regnamespace order by proname"
    )
    assert len(functions) > 30
    before = world.everything()
    with _as(two.ann) as ann, _as(two.bea) as bea, DataApi(world, None) as anybody:
        for name, arguments in functions:
            for user in (ann, bea, anybody):
                called = user.ask("POST", f"/rpc/{name}", json=dict.fromkeys(arguments))
                assert called.status_code in {401, 403}, (name, called.text)
    assert world.everything() == before


def test_the_schema_behind_the_functions_is_out_of_reach(world: World, two: Two) -> None:
    with _as(two.bea) as bea:
        for header in ("Accept-Profile", "Content-Profile"):
            hidden = bea.ask("POST", "/rpc/user_id", json={}, headers={header: "app"})
            assert httpx.codes.is_client_error(hidden.status_code)
    del world


def _as(parent: Parent) -> DataApi:
    return DataApi(parent.world, parent.world.token(parent.name))


def _marked(answer: Any, two: Two) -> bool:
    return any(mark in str(answer) for mark in two.marks)


def _readable(world: World, table: str) -> str:
    """The columns that a signed-in user may read, as a `select`."""
    columns = world.rows(
        "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0"
        " and not attisdropped and has_column_privilege('authenticated', attrelid, attnum,"
        " 'select') order by attnum",
        f"public.{table}",
    )
    return ",".join(name for (name,) in columns)
