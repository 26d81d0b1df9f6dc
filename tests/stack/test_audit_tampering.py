from collections.abc import Callable, Generator
from contextlib import contextmanager
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
    _fit_the_row(database, draft)


def _fit_the_row(database: psycopg.Connection, draft: Draft) -> None:
    database.execute(
        "update scheduled_registrations set audit_head = (select hash from audit_events"
        " where registration_id = %(id)s order by seq desc limit 1) where id = %(id)s",
        {"id": draft.id},
    )


def _remove_from_the_middle(database: psycopg.Connection, draft: Draft) -> None:
    database.execute(
        "delete from audit_events where registration_id = %s and kind = 'claimed'", [draft.id]
    )


def _swap_two(database: psycopg.Connection, draft: Draft) -> None:
    for old, new in ((3, 1_000), (4, 3), (1_000, 4)):
        database.execute(
            "update audit_events set seq = %s where registration_id = %s and seq = %s",
            [new, draft.id, old],
        )


def _recompute_the_whole(database: psycopg.Connection, draft: Draft) -> None:
    """Another fee, every hash made anew, and the row fitted: it all agrees with itself."""
    rows = database.execute(
        "update audit_events set detail = jsonb_set(detail, '{success_fee_cents}', '1')"
        " where registration_id = %s and kind in ('drafted', 'confirmed')",
        [draft.id],
    )
    assert rows.rowcount == 2
    places = database.execute(
        "select seq from audit_events where registration_id = %s order by seq", [draft.id]
    ).fetchall()
    for (seq,) in places:
        one = {"id": draft.id, "seq": seq}
        database.execute(
            "update audit_events e set prev_hash = coalesce((select b.hash from audit_events b"
            " where b.registration_id = e.registration_id and b.seq = e.seq - 1), repeat('0', 64))"
            " where registration_id = %(id)s and seq = %(seq)s",
            one,
        )
        database.execute(
            "update audit_events e set hash = app.event_hash(e)"
            " where registration_id = %(id)s and seq = %(seq)s",
            one,
        )
    _fit_the_row(database, draft)


@pytest.fixture
async def ended(openings: Openings) -> list[Confirmed]:
    three = [openings.twice, openings.twenty, openings.declined]
    for one in three:
        await one.parent.until(one.draft, status="completed")
    return three


async def test_whatever_is_done_to_a_trail_the_operator_sees_which_and_what(
    world: World, ended: list[Confirmed]
) -> None:
    drafts = [confirmed.draft for confirmed in ended]
    codes = [draft.code for draft in drafts]
    before = world.everything()
    with _tampered(world, drafts, _alter_one_event, _cut_the_tail, _cut_the_tail_and_fit_the_row):
        broken = starter(world, "audit", "verify", *codes)
        mixed = starter(world, "audit", "verify", "--all", "--json")
        trail = await ended[0].parent.answer("get_audit_trail", registration_id=str(drafts[0].id))
    with _tampered(world, drafts, _remove_from_the_middle, _swap_two, _recompute_the_whole):
        rewritten = starter(world, "audit", "verify", *codes)

    assert (broken.returncode, mixed.returncode, rewritten.returncode) == (1, 1, 1), said(broken)
    assert "0 of 3 hold" in broken.stdout
    assert "0 of 3 hold" in rewritten.stdout
    altered, cut, fitted = (f"{code} is broken" for code in codes)
    assert "was altered" in _line(broken.stderr, f"{altered} (here)")
    assert f"{altered} (database)" in broken.stderr
    assert "does not end where" in _line(broken.stderr, f"{cut} (here)")
    # Whoever owns the database can fit the row too; only the workflow's own history tells.
    assert f"{fitted} (here)" not in broken.stderr
    assert f"{fitted} (workflow)" in broken.stderr
    assert _named(broken.stderr, codes) == ["altered", "cut_off", "cut_off"]
    assert _named(rewritten.stderr, codes) == ["removed", "reordered", "recomputed"]
    forged = f"{codes[2]} is broken"
    assert f"{forged} (here)" not in rewritten.stderr
    assert f"{forged} (database)" not in rewritten.stderr
    assert f"{forged} (workflow)" in rewritten.stderr
    assert "recomputed as a whole" in rewritten.stderr
    assert trail["verdict"]["holds"] is False
    assert world.everything() == before
    whole = printed(starter(world, "audit", "verify", *codes, "--json"))
    assert [verdict["holds"] for verdict in whole] == [True] * 3
    assert [verdict["finding"] for verdict in whole] == [None] * 3


@contextmanager
def _tampered(world: World, drafts: list[Draft], *tampers: Tamper) -> Generator[None]:
    """With each trail tampered with in a way of its own; afterwards as it was."""
    kept = _kept(world, drafts)
    try:
        with world.superuser() as database:
            for tamper, draft in zip(tampers, drafts, strict=True):
                tamper(database, draft)
        yield
    finally:
        _restore(world, drafts, kept)


def _named(text: str, codes: list[str]) -> list[str]:
    """What is said to have been done to each."""
    lines = (_line(text, f"{code} was tampered with") for code in codes)
    return [line.partition("(")[2].partition(")")[0] for line in lines]


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
