"""What is refused at the door, in words that quote nobody; and codes that are never taken."""

import re
from collections import Counter
from uuid import uuid4

import psycopg
import pytest

from tests.database import steps
from tests.database.door import Database, Door, refused
from tests.database.family import Family, new_family

GOOD_CHILD = {"first_name": "Ada", "last_name": "O'Brien", "birth_date": "2018-05-01"}
GOOD_GUARDIAN = {
    **GOOD_CHILD,
    "email": "zoe.obrien@example.com",
    "phone": "+1 (617) 555-0100",
}


@pytest.mark.parametrize(
    "change",
    [
        {"first_name": ""},
        {"last_name": None},
        {"first_name": "A" * 81},
        {"birth_date": "someday"},
        {"birth_date": "2018-02-30"},
    ],
)
def test_a_refused_person_is_not_quoted(
    family: Family, door: Door, change: dict[str, object]
) -> None:
    with refused("PT422", "invalid_child"):
        door.call("add_child", user_id=family.user_id, child={**GOOD_CHILD, **change})
    with refused("PT422", "invalid_guardian"):
        door.call("save_guardian", user_id=family.user_id, guardian={**GOOD_GUARDIAN, **change})


@pytest.mark.parametrize(
    "change",
    [
        {"max_total_cents": -1},
        {"success_fee_cents": 10_000_001},
        {"scheduled_time": "soon"},
        {"summary": ""},
        {"opening_source": "rumour"},
    ],
)
def test_a_refused_draft_is_not_quoted(family: Family, change: dict[str, object]) -> None:
    with refused("PT422", "invalid_draft"):
        family.draft(**change)


def test_a_draft_names_children_of_its_own_account(family: Family, door: Door) -> None:
    strange = [str(child) for child in new_family(door).child_ids]
    own = str(family.child_ids[0])
    with refused("PT422", "not_your_child"):
        family.draft(child_ids=[own, strange[0]])
    with refused("PT422", "no_children"):
        family.draft(child_ids=[])
    with refused("PT422", "child_twice"):
        family.draft(child_ids=[own, own])
    with refused("PT404"):
        family.draft(program_id=str(uuid4()))


def test_an_outcome_that_is_none_is_refused(family: Family, door: Door) -> None:
    row = family.sent()
    order = steps.completion(row, None).model_dump(mode="json")
    with refused("PT422", "bad_outcome"):
        door.call("record_outcome", order={**order, "status": "cancelled"})
    with refused("PT422", "booking_missing"):
        door.call("record_outcome", order={**order, "booking": None})
    with refused("PT422", "failure_code_missing"):
        door.call("record_outcome", order={**order, "status": "failed"})
    with refused("PT422", "invalid_order"):
        door.call("record_outcome", order={**order, "status": "failed", "failure_code": "bored"})
    with refused("PT422", "bad_outcome"):
        steps.close_attempt(door, row, "lost")
    with refused("PT422", "no_operation_key"):
        door.call("record_outcome", order={**order, "operation_key": ""})


def test_what_does_not_exist_is_missing(door: Door) -> None:
    for function in ("get_registration", "get_dossier", "audit_trail"):
        with refused("PT404"):
            door.call(function, registration_id=uuid4())
    for function in ("get_profile", "list_children"):
        with refused("PT404"):
            door.call(function, user_id=uuid4())


@pytest.mark.parametrize("prefix", ["SCH-", "REG-"])
def test_codes_are_eight_unambiguous_signs_evenly_drawn(database: Database, prefix: str) -> None:
    codes = [
        code
        for (code,) in database.rows(
            "select app.new_code(%s) from generate_series(1, 3000)", prefix
        )
    ]
    assert all(re.fullmatch(prefix + "[A-HJKMNP-TV-Z2-9]{8}", code) for code in codes)
    assert len(set(codes)) == len(codes)
    counts = Counter("".join(code.removeprefix(prefix) for code in codes))
    assert len(counts) == 30
    # 24,000 signs of 30 kinds: 800 each; 200 more or less is seven standard deviations.
    assert [sign for sign, count in counts.items() if not 600 < count < 1000] == []


def test_a_taken_code_is_drawn_again(database: Database, family: Family) -> None:
    taken = family.draft().code
    with psycopg.connect(database.url) as connection:
        # Only within this transaction, which is rolled back: the first draws are all taken.
        connection.execute("create temporary sequence draws")
        connection.execute("alter function app.new_code rename to true_code")
        connection.execute(
            f"""
            create function app.new_code(p_prefix text) returns text language sql volatile as $$
              select case when nextval('pg_temp.draws') <= 3 then '{taken}'
                else app.true_code(p_prefix) end
            $$
            """.encode()
        )
        drawn = connection.execute(
            "select public.draft_registration(jsonb_build_object("
            " 'user_id', user_id, 'program_id', program_id, 'child_ids', (select"
            " jsonb_agg(child_id) from registration_children where registration_id = r.id),"
            " 'scheduled_time', scheduled_time, 'time_zone', time_zone, 'opening_source',"
            " opening_source, 'max_total_cents', 1, 'success_fee_cents', 1, 'summary', 's',"
            " 'summary_digest', 'd', 'lapses_at', lapses_at)) ->> 'code',"
            " currval('pg_temp.draws') from scheduled_registrations r where code = %s",
            (taken,),
        ).fetchone()
        connection.rollback()
    assert drawn is not None
    assert drawn[0] != taken
