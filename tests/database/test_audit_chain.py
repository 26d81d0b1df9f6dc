from typing import Any
from uuid import uuid4

import pytest

from domain.audit import AuditVerdict, verify_chain
from domain.registrations import Registration
from tests.database import steps
from tests.database.door import Database, Door, refused
from tests.database.family import Family
from tests.whole_words import whole_words


@pytest.fixture
def row(family: Family) -> Registration:
    """A registration with its whole life behind it."""
    return family.completed(steps.fee_paid())


def both_verdicts(door: Door, family: Family, row: Registration) -> AuditVerdict:
    """The database's, after seeing that Python's is the same."""
    theirs = AuditVerdict.model_validate(door.call("verify_audit", registration_id=row.id))
    assert theirs == verify_chain(family.trail(row), family.now(row).audit_head)
    return theirs


def test_a_whole_life_is_one_chain_that_both_sides_find_whole(
    door: Door, family: Family, row: Registration
) -> None:
    verdict = both_verdicts(door, family, row)
    assert (verdict.holds, verdict.head) == (True, row.audit_head)
    kinds = [event.kind for event in family.trail(row)]
    expected = ["drafted", "confirmed", "claimed", "attempt_opened", "booked", "fee_frozen"]
    assert kinds == [*expected, "completed"]


@pytest.mark.parametrize(
    "statement",
    [
        "update public.audit_events set kind = 'failed'",
        "update public.audit_events set kind = kind where false",
        "delete from public.audit_events",
        "truncate public.audit_events",
        "truncate public.scheduled_registrations cascade",
    ],
)
def test_even_the_owner_cannot_rewrite_the_trail(database: Database, statement: str) -> None:
    with refused("PT422", "append_only"), database.session("postgres") as rows:
        rows.run(statement)


def test_an_event_gets_its_place_instant_and_hash_from_the_database_alone(
    database: Database, door: Door, family: Family, row: Registration
) -> None:
    with database.session("postgres") as rows:
        rows.run(
            "insert into public.audit_events values"
            " (%s, 99, 'failed', '{}', 'k', '2000-01-01Z', 'then', repeat('0', 64), '')",
            row.id,
        )
    assert both_verdicts(door, family, row).holds
    assert family.trail(row)[-1].at > row.created_at


def test_an_event_with_a_fraction_is_refused(database: Database, row: Registration) -> None:
    with refused("PT422", "not_whole"), database.session("postgres") as rows:
        rows.run("select app.audit(%s, 'failed', '{\"price\": 12.5}', 'k')", row.id)


TAMPERINGS: dict[str, tuple[str, str]] = {
    "a detail": (
        """update audit_events set detail = detail || '{"valid_until": "never"}'
        where registration_id = %s and seq = 2""",
        "event 2 was altered",
    ),
    "a kind": (
        "update audit_events set kind = 'cancelled' where registration_id = %s and seq = 3",
        "event 3 was altered",
    ),
    "an instant": (
        """update audit_events set at = at - interval '1 hour',
        at_text = app.instant_text(at - interval '1 hour')
        where registration_id = %s and seq = 1""",
        "event 1 was altered",
    ),
    "the operation": (
        "update audit_events set operation_key = 'x' where registration_id = %s and seq = 1",
        "event 1 was altered",
    ),
    "an event taken out": (
        "delete from audit_events where registration_id = %s and seq = 4",
        "event 4 is missing",
    ),
    "the first event taken out": (
        "delete from audit_events where registration_id = %s and seq = 1",
        "event 1 is missing",
    ),
    "the tail cut off": (
        "delete from audit_events where registration_id = %s and seq = 7",
        "the chain does not end where its registration says it does",
    ),
    "another event's hash": (
        "update audit_events set hash = repeat('a', 64) where registration_id = %s and seq = 2",
        "event 2 was altered",
    ),
    "everything taken out": (
        "delete from audit_events where registration_id = %s",
        "there are no events",
    ),
}


@pytest.mark.parametrize("part", TAMPERINGS)
def test_whatever_is_tampered_with_is_found_by_both_sides(
    database: Database, door: Door, family: Family, row: Registration, part: str
) -> None:
    statement, problem = TAMPERINGS[part]
    with database.with_triggers_off() as rows:
        rows.run(statement, row.id)
    verdict = both_verdicts(door, family, row)
    assert (verdict.holds, verdict.problem) == (False, problem)


def test_a_chain_recomputed_as_a_whole_no_longer_ends_where_the_row_says(
    database: Database, door: Door, family: Family, row: Registration
) -> None:
    with database.with_triggers_off() as rows:
        rows.run("update audit_events set detail = '{}' where registration_id = %s", row.id)
        for _ in family.trail(row):
            rows.run(
                """
                update audit_events as e set prev_hash = coalesce(
                  (select hash from audit_events b
                    where b.registration_id = e.registration_id and b.seq = e.seq - 1),
                  repeat('0', 64))
                where registration_id = %s
                """,
                row.id,
            )
            rows.run(
                "update audit_events e set hash = app.event_hash(e) where registration_id = %s",
                row.id,
            )
    verdict = both_verdicts(door, family, row)
    assert verdict.problem == "the chain does not end where its registration says it does"


def test_an_instant_cannot_part_from_the_text_that_was_hashed(
    database: Database, row: Registration
) -> None:
    with pytest.raises(Exception, match="instant_as_hashed"), database.with_triggers_off() as rows:
        rows.run(
            "update audit_events set at = now() where registration_id = %s and seq = 1", row.id
        )


def test_details_hold_nothing_that_a_person_wrote(family: Family, row: Registration) -> None:
    details: list[Any] = [event.detail for event in family.trail(row)]
    text = str(details).lower()
    words = ("zoë", "o'brien", "ada", "555", "example.com", "4242", "register")
    assert whole_words(words, text) == []


def test_what_was_never_drafted_has_no_trail(door: Door) -> None:
    with refused("PT404"):
        door.call("verify_audit", registration_id=uuid4())
