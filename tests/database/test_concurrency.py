"""Twenty callers at once: one winner, and everybody gets a true answer."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import psycopg

from domain.registrations import Registration
from domain.states import RegistrationStatus
from sandbox.probe import wait_until
from tests.database import steps
from tests.database.door import CONCLUSION_SECONDS, Database, Door
from tests.database.family import ISSUER, Family, new_family

MANY = 20


def tally(answers: list[Any]) -> Counter[str]:
    """How many got an answer, and how many which refusal."""
    return Counter(
        answer.sqlstate or "none" if isinstance(answer, psycopg.Error) else "answered"
        for answer in answers
    )


def test_of_many_confirms_at_once_one_wins(database: Database, family: Family) -> None:
    row = family.draft()
    answers = database.at_once([partial(steps.confirm, row=row)] * MANY)
    assert tally(answers) == {"answered": 1, "PT409": MANY - 1}
    assert family.told(row) == ["scheduled"]
    assert [event.kind for event in family.trail(row)] == ["drafted", "confirmed"]


def test_many_confirms_with_one_key_all_get_the_one_answer(
    database: Database, family: Family
) -> None:
    row = family.draft()
    one = steps.key("confirm")
    answers = database.at_once([partial(steps.confirm, row=row, operation_key=one)] * MANY)
    assert answers == [answers[0]] * MANY
    assert family.told(row) == ["scheduled"]


def test_of_many_drafts_for_one_child_and_event_one_is_confirmed(
    database: Database, family: Family
) -> None:
    drafts = [family.draft() for _ in range(MANY)]
    answers = database.at_once([partial(steps.confirm, row=row) for row in drafts])
    assert tally(answers) == {"answered": 1, "PT422": MANY - 1}
    hints = {a.diag.message_hint for a in answers if isinstance(a, psycopg.Error)}
    assert hints == {"already_registered"}
    assert Counter(family.now(row).status for row in drafts) == {
        RegistrationStatus.PENDING: 1,
        RegistrationStatus.DRAFT: MANY - 1,
    }


def test_brothers_named_in_either_order_never_lock_each_other_out(
    database: Database, family: Family
) -> None:
    low, high = sorted(family.child_ids)
    one = family.draft(child_ids=[str(low), str(high)])
    other = family.draft(child_ids=[str(high), str(low)])
    with ThreadPoolExecutor(1) as thread:
        # Stops both between their two children; in opposite orders each would hold one of them.
        with database.session("postgres") as rows:
            rows.run(
                "select from registration_children"
                " where (registration_id, child_id) in ((%s, %s), (%s, %s)) for update",
                *(one.id, high, other.id, low),
            )
            ((holder,),) = rows.run("select pg_backend_pid()")
            confirms = [partial(steps.confirm, row=row) for row in (one, other)]
            running = thread.submit(database.at_once, confirms)
            wait_for_blocked(database, holder, 2)
        answers = running.result(CONCLUSION_SECONDS)
    assert tally(answers) == {"answered": 1, "PT422": 1}


def wait_for_blocked(database: Database, holder: int, many: int) -> None:
    """Until so many sessions wait for that one."""
    blocked = "select count(*) from pg_stat_activity where %s = any(pg_blocking_pids(pid))"
    assert wait_until(lambda: database.rows(blocked, holder) == [(many,)], CONCLUSION_SECONDS)


def test_a_renewal_that_waited_for_a_successor_hears_of_it(
    database: Database, family: Family
) -> None:
    row, gone, successor = family.executing(), uuid4(), uuid4()
    renew = partial(_renewed, lease_id=gone)
    with database.door() as door:
        _renewed(door, gone)
        door.call(
            "open_attempt",
            registration_id=row.id,
            send_at=row.scheduled_time,
            operation_key=steps.key("attempt"),
            lease_id=gone,
        )
    with ThreadPoolExecutor(1) as thread:
        with database.session("postgres") as rows:
            rows.run("select from public.leases where lease_id = %s for share", gone)
            ((holder,),) = rows.run("select pg_backend_pid()")
            running = thread.submit(database.at_once, [renew])  # while it has not run out
            wait_for_blocked(database, holder, 1)
            over = "select expires_at < clock_timestamp() from public.leases where lease_id = %s"
            assert wait_until(lambda: database.rows(over, gone) == [(True,)], CONCLUSION_SECONDS)
            rows.run(
                "select public.open_attempt(%s, %s, %s, %s)",
                *(row.id, row.scheduled_time, steps.key("attempt"), successor),
            )
        (renewal,) = running.result(CONCLUSION_SECONDS)
    assert not isinstance(renewal, psycopg.Error)
    assert renewal["release_asked"] == [str(row.id)]


def _renewed(door: Door, lease_id: UUID) -> Any:
    return door.call("renew_lease", lease_id=lease_id, ttl="2 s")


def test_of_many_claims_at_once_one_wins(database: Database, family: Family) -> None:
    row = family.pending()
    answers = database.at_once([partial(steps.claim, row=row)] * MANY)
    assert tally(answers) == {"answered": 1, "PT409": MANY - 1}


def test_of_a_claim_and_a_cancellation_at_once_one_wins(database: Database, family: Family) -> None:
    row = family.pending()
    each = [partial(steps.claim, row=row), partial(steps.cancel, row=row)]
    answers = database.at_once(each * (MANY // 2))
    assert tally(answers) == {"answered": 1, "PT409": MANY - 1}


def test_many_attempts_take_different_fences_and_see_those_before_them(
    database: Database, family: Family, door: Door
) -> None:
    row = family.executing()
    answers = database.at_once([partial(steps.open_attempt, row=row)] * MANY)
    seen = {
        answer["marker"]["fence"]: [marker["fence"] for marker in answer["unclosed"]]
        for answer in answers
        if not isinstance(answer, psycopg.Error)
    }
    assert seen == {fence: list(range(1, fence)) for fence in range(1, MANY + 1)}
    assert door.call("verify_audit", registration_id=row.id)["holds"]


def test_many_charges_of_one_number_are_one_charge(database: Database, family: Family) -> None:
    row = family.sent()
    answers = database.at_once([partial(steps.open_charge, row=row)] * MANY)
    charges = [a["charge"] for a in answers if not isinstance(a, psycopg.Error)]
    assert charges == [charges[0]] * MANY
    kinds = [event.kind for event in family.trail(row)]
    assert kinds[-2:] == ["booked", "fee_frozen"]


def test_of_many_outcomes_at_once_one_is_written(database: Database, family: Family) -> None:
    row = family.booked()
    each = [partial(steps.record_completed, row=row), partial(steps.record_failed, row=row)]
    answers = database.at_once(each * (MANY // 2))
    assert tally(answers) == {"answered": 1, "PT409": MANY - 1}


def test_a_user_seen_many_times_at_once_is_one_user(database: Database, family: Family) -> None:
    def see(door: Door) -> str:
        return door.call("user_for", issuer=ISSUER, subject=f"new|{family.subject}")

    answers = database.at_once([see] * MANY)
    assert answers == [answers[0]] * MANY


def test_events_of_many_writers_leave_no_gap(database: Database, family: Family) -> None:
    row = family.pending()

    def note(door: Door) -> object:
        found = {"problems": [{"code": "no_card", "sentence": "No card is saved.", "field": None}]}
        return door.call(
            "note_problems", registration_id=row.id, problems=found, operation_key=steps.key("note")
        )

    assert tally(database.at_once([note] * MANY)) == {"answered": MANY}
    assert [event.seq for event in family.trail(row)] == list(range(1, MANY + 3))
    assert verified(family, row)


def verified(family: Family, row: Registration) -> bool:
    return family.door.call("verify_audit", registration_id=row.id)["holds"]


def test_families_do_not_wait_for_each_other(database: Database, door: Door) -> None:
    families = [new_family(door) for _ in range(MANY)]
    drafts = [family.draft() for family in families]
    answers = database.at_once([partial(steps.confirm, row=row) for row in drafts])
    assert tally(answers) == {"answered": MANY}
