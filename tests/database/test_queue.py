"""The queue of an account, and leases, where only a real database can show it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from domain.contracts import MOST_TRIES, Try
from domain.pacing import Pace
from domain.programs import ProviderAccount
from domain.registrations import Registration
from tests.database import steps
from tests.database.door import CONCLUSION_SECONDS, Database, Door, refused
from tests.database.family import Family
from tests.database.test_concurrency import wait_for_blocked

MANY = 20


def queue(family: Family, many: int, **changes: object) -> list[Registration]:
    """So many drafts at one account and opening, each for an event of its own."""
    opens = datetime.now(UTC) + timedelta(hours=3)
    rows: list[Registration] = []
    for _ in range(many):
        program = {**family.program, "id": str(uuid4()), "event_id": f"E{uuid4().hex}"}
        saved = family.door.call("save_program", program=program)
        rows.append(
            family.draft(program_id=saved["id"], scheduled_time=opens.isoformat(), **changes)
        )
    return rows


def answered(answers: list[Any]) -> list[Any]:
    assert [answer for answer in answers if isinstance(answer, psycopg.Error)] == []
    return answers


def test_claims_at_once_have_their_turns_in_the_order_of_confirmation(
    database: Database, family: Family
) -> None:
    drafts = queue(family, MANY)
    answered(database.at_once([partial(steps.confirm, row=row) for row in drafts]))
    rows = sorted((family.now(row) for row in drafts), key=lambda row: row.queue_place or 0)
    assert [row.queue_place for row in rows] == list(range(1, MANY + 1))
    claims = answered(database.at_once([partial(steps.claim, row=row) for row in rows]))
    assert [claim["rank"] for claim in claims] == list(range(1, MANY + 1))
    assert {claim["sharing"] for claim in claims} == {MANY}
    for rank, claim in enumerate(claims, start=1):
        waits = datetime.fromisoformat(claim["send_at"]) - rows[0].scheduled_time
        assert abs(waits - Pace().delay(rank)) < timedelta(milliseconds=1)


def test_claims_and_cancellations_at_once_give_no_rank_twice(
    database: Database, family: Family
) -> None:
    rows = queue(family, MANY)
    for row in rows:
        steps.confirm(family.door, row)
    rows = [family.now(row) for row in rows]
    acts = [
        partial(steps.cancel if place % 3 == 1 else steps.claim, row=row)
        for place, row in enumerate(rows)
    ]
    claims = [
        answer for place, answer in enumerate(answered(database.at_once(acts))) if place % 3 != 1
    ]
    ranks = [claim["rank"] for claim in claims]
    assert ranks == sorted(set(ranks))
    sends = [claim["send_at"] for claim in claims]
    assert sends == sorted(set(sends))


@pytest.mark.parametrize(
    "pace",
    [
        {"rate_per_second": 0},
        {"burst": 0},
        {"spacing": "PT-1S"},
        {"concurrency": 0},
    ],
)
def test_a_pace_that_is_none_is_refused(
    family: Family, door: Door, pace: dict[str, object]
) -> None:
    account = ProviderAccount(org_ref=family.program["org_ref"], name="Pool").model_dump(
        mode="json"
    )
    with pytest.raises(psycopg.errors.CheckViolation):
        door.call("save_provider_account", account={**account, "pace": {**account["pace"], **pace}})


def test_an_account_saved_by_who_knows_no_pace_has_the_default_one(family: Family) -> None:
    row = family.draft()
    dossier = family.door.call("get_dossier", registration_id=row.id)
    assert Pace.model_validate(dossier["account"]["pace"]) == Pace()


def test_a_renewal_under_way_is_waited_for_before_a_marker_is_judged(
    database: Database, family: Family, door: Door
) -> None:
    lease_id, row = uuid4(), family.executing()
    door.call("renew_lease", lease_id=lease_id, ttl=timedelta(seconds=30))
    open_attempt(door, row, lease_id)
    door.call("end_lease", lease_id=lease_id)
    with ThreadPoolExecutor(1) as thread:
        with database.session("postgres") as rows:
            rows.run(
                "update leases set expires_at = now() + interval '1 min' where lease_id = %s",
                lease_id,
            )
            ((holder,),) = rows.run("select pg_backend_pid()")
            judging = thread.submit(database.at_once, [partial(open_attempt, row=row)])
            wait_for_blocked(database, holder, 1)
        (opened,) = answered(judging.result(CONCLUSION_SECONDS))
    assert [marker["lease"] for marker in opened["unclosed"]] == ["held"]


def open_attempt(door: Door, row: Registration, lease_id: object = None) -> Any:
    return door.call(
        "open_attempt",
        registration_id=row.id,
        send_at=row.scheduled_time,
        operation_key=steps.key("attempt"),
        lease_id=lease_id,
    )


def test_a_lease_is_kept_a_day_and_as_long_as_a_marker_needs_it(
    database: Database, family: Family, door: Door
) -> None:
    needed, forgotten, recent = uuid4(), uuid4(), uuid4()
    for lease_id in (needed, forgotten, recent):
        door.call("renew_lease", lease_id=lease_id, ttl=timedelta(seconds=30))
        door.call("end_lease", lease_id=lease_id)
    open_attempt(door, family.executing(), needed)
    with database.session("postgres") as rows:
        rows.run(
            "update leases set expires_at = now() - interval '25 h' where lease_id in (%s, %s)",
            *(needed, forgotten),
        )
    newcomer = uuid4()
    door.call("renew_lease", lease_id=newcomer, ttl=timedelta(seconds=1))
    door.call("end_lease", lease_id=newcomer)
    kept = database.rows(
        "select lease_id from leases where lease_id in (%s, %s, %s)", needed, forgotten, recent
    )
    assert {lease_id for (lease_id,) in kept} == {needed, recent}


def test_the_requests_of_an_outcome_are_written_on_its_marker_and_bounded(
    database: Database, family: Family, door: Door
) -> None:
    row = family.booked()
    tries = [
        Try(sent_at=row.scheduled_time + timedelta(seconds=each), answer="NotOpenYet")
        for each in range(100)
    ]
    order = steps.completion(row, None).model_copy(update={"tries": tuple(tries)})
    door.call("record_outcome", order=order)
    ((requests,),) = database.rows(
        "select requests from booking_attempts where registration_id = %s", row.id
    )
    written = [Try.model_validate(each) for each in requests]
    assert written == [*tries[:MOST_TRIES], tries[-1]]


def test_nobody_reads_a_lease_or_renews_one_but_the_service(
    database: Database, family: Family
) -> None:
    for statement in ("select from leases", "select public.renew_lease(gen_random_uuid(), '1 s')"):
        with refused("42501"), database.session("authenticated", family.claims) as rows:
            rows.run(statement)
