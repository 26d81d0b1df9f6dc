from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from tests.stack.command_line import printed, said, starter
from tests.stack.openings import Confirmed, Openings
from tests.stack.parent import Draft
from tests.stack.world import World

pytestmark = pytest.mark.xdist_group("stack")

Tamper = Callable[[psycopg.Connection, Draft], object]


def _alter_one_event(database: psycopg.Connection, draft: Draft) -> None:
    database.execute(
        "update audit_events set detail = jsonb_set(detail, '{rank}', '2')"
        " where registration_id = %s and kind = 'claimed'",
        [draft.id],
    )


def _cut_the_tail(database: psycopg.Connection, draft: Draft) -> None:
    database.execute(
        "delete from audit_events where registration_id = %(id)s and seq ="
        " (select max(seq) from audit_events where registration_id = %(id)s)",
        {"id": draft.id},
    )


def _cut_the_tail_and_fit_the_row(database: psycopg.Connection, draft: Draft) -> None:
    _cut_the_tail(database, draft)
    database.execute(
        "update scheduled_registrations set audit_head = (select hash from audit_events"
        " where registration_id = %(id)s order by seq desc limit 1) where id = %(id)s",
        {"id": draft.id},
    )


@pytest.fixture
async def ended(openings: Openings) -> list[Confirmed]:
    three = [openings.twice, openings.twenty, openings.declined]
    for one in three:
        await one.parent.until(one.draft, status="completed")
    return three


async def test_whatever_is_altered_or_cut_off_the_operator_sees_which_trail_is_broken(
    world: World, ended: list[Confirmed]
) -> None:
    drafts = [confirmed.draft for confirmed in ended]
    codes = [draft.code for draft in drafts]
    before = world.everything()
    kept = _kept(world, drafts)
    tampers: list[Tamper] = [_alter_one_event, _cut_the_tail, _cut_the_tail_and_fit_the_row]
    with world.superuser() as database:
        for tamper, draft in zip(tampers, drafts, strict=True):
            tamper(database, draft)
    broken = starter(world, "audit", "verify", *codes)
    mixed = starter(world, "audit", "verify", "--all", "--json")
    trail = await ended[0].parent.answer("get_audit_trail", registration_id=str(drafts[0].id))
    _restore(world, drafts, kept)

    assert (broken.returncode, mixed.returncode) == (1, 1), said(broken)
    assert "0 of 3 hold" in broken.stdout
    altered, cut, fitted = (f"{code} is broken" for code in codes)
    assert "was altered" in _line(broken.stderr, f"{altered} (here)")
    assert f"{altered} (database)" in broken.stderr
    assert "does not end where" in _line(broken.stderr, f"{cut} (here)")
    # Whoever owns the database can fit the row too; only the workflow's own history tells.
    assert f"{fitted} (here)" not in broken.stderr
    assert f"{fitted} (workflow)" in broken.stderr
    assert trail["verdict"]["holds"] is False
    assert world.everything() == before
    whole = printed(starter(world, "audit", "verify", *codes, "--json"))
    assert [verdict["holds"] for verdict in whole] == [True] * 3


def _line(text: str, beginning: str) -> str:
    return next(line for line in text.splitlines() if line.startswith(beginning))


def _kept(world: World, drafts: list[Draft]) -> list[tuple[Any, ...]]:
    return world.rows(
        "select to_jsonb(e)::text from audit_events e where registration_id = any(%s)",
        [draft.id for draft in drafts],
    )


def _restore(world: World, drafts: list[Draft], kept: list[tuple[Any, ...]]) -> None:
    ids = [draft.id for draft in drafts]
    with world.superuser() as database:
        database.execute("delete from audit_events where registration_id = any(%s)", [ids])
        for (event,) in kept:
            database.execute(
                "insert into audit_events select * from"
                " jsonb_populate_record(null::audit_events, %s::jsonb)",
                [event],
            )
        database.execute(
            "update scheduled_registrations r set audit_head = (select hash from audit_events"
            " where registration_id = r.id order by seq desc limit 1) where id = any(%s)",
            [ids],
        )
