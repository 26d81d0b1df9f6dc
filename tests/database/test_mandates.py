"""Signed mandates in the database: who writes and reads a token, and what is signed afterwards."""

from datetime import timedelta

import pytest

from domain.registrations import Registration
from domain.states import RegistrationStatus
from tests.database import steps
from tests.database.door import Database, Door, refused
from tests.database.family import Family, new_family
from tests.database.steps import TOKEN


def signed(family: Family, door: Door) -> Registration:
    row = family.draft()
    steps.confirm_signed(door, row)
    return family.now(row)


def token_of(database: Database, row: Registration) -> str | None:
    ((token,),) = database.rows("select token from mandates where registration_id = %s", row.id)
    return token


def sign(door: Door, row: Registration, token: str | None = TOKEN, by: str = "kim") -> None:
    door.call(
        "sign_mandate",
        registration_id=row.id,
        mandate_token=token,
        by=by,
        operation_key=steps.key("sign"),
    )


def test_the_release_before_may_confirm_and_move_as_it_did(
    database: Database, family: Family, door: Door
) -> None:
    row = family.draft()
    steps.confirm(door, row)
    row = family.now(row)
    steps.reschedule(door, row)
    assert family.now(row).status is RegistrationStatus.PENDING
    assert token_of(database, row) is None


def test_what_the_release_before_moves_is_signed_no_more(
    database: Database, family: Family, door: Door
) -> None:
    row = signed(family, door)
    assert token_of(database, row) == TOKEN
    steps.reschedule(door, row)
    assert token_of(database, row) is None
    sign(door, row)
    assert token_of(database, row) == TOKEN


def test_a_token_is_in_no_answer_that_is_kept(
    database: Database, family: Family, door: Door
) -> None:
    row = signed(family, door)
    assert "token" not in steps.revoke(door, row)
    sign(door, new_family(door).pending())
    kept = database.rows("select count(*) from operations where answer::text like %s", f"%{TOKEN}%")
    trail = database.rows(
        "select count(*) from audit_events where detail::text like %s", f"%{TOKEN}%"
    )
    assert (kept, trail) == ([(0,)], [(0,)])


def test_a_parent_reads_their_permission_and_not_its_token(
    database: Database, family: Family, door: Door
) -> None:
    row = signed(family, door)
    with database.session("authenticated", family.claims) as rows:
        ((seen,),) = rows.run("select registration_id from public.mandates")
        assert seen == row.id
    for columns in ("token", "*"):
        with refused("42501"), database.session("authenticated", family.claims) as rows:
            rows.run(f"select {columns} from public.mandates")  # noqa: S608 - our own list of columns


def test_a_parent_writes_no_permission(database: Database, family: Family, door: Door) -> None:
    signed(family, door)
    with refused("42501"), database.session("authenticated", family.claims) as rows:
        rows.run("update public.mandates set token = 'mine'")


def test_a_token_changes_with_the_end_of_its_mandate_and_never_alone(
    database: Database, family: Family, door: Door
) -> None:
    row = signed(family, door)
    for change in ("token = 'x'", "token = null", "valid_until = valid_until + '1 day'"):
        with refused("PT422", "mandate_fixed"), database.session("postgres") as rows:
            rows.run(f"update mandates set {change} where registration_id = %s", row.id)  # noqa: S608 - our own list of columns
    with database.session("postgres") as rows:
        rows.run(
            "update mandates set token = 'x', valid_until = valid_until + '1 day'"
            " where registration_id = %s",
            row.id,
        )
    assert token_of(database, row) == "x"


def test_what_was_confirmed_after_the_recorded_instant_is_listed_and_never_signed(
    database: Database, family: Family, door: Door
) -> None:
    row = family.pending()
    with database.with_triggers_off() as rows:
        rows.run(
            "update mandates set issued_at = unsigned_mandates_until from service_state"
            " where registration_id = %s",
            row.id,
        )
    listed = {
        one["registration_id"]: one["signable"]
        for one in door.call("unsigned_mandates", limit=100_000)
    }
    assert listed[str(row.id)] is False
    with refused("PT422", "confirmed_later"):
        sign(door, row)
    assert token_of(database, row) is None


def test_the_recorded_instant_is_an_hour_after_the_schema_came_to_sign(
    database: Database,
) -> None:
    ((ahead,),) = database.rows(
        "select unsigned_mandates_until - clock_timestamp() from service_state"
    )
    assert timedelta() < ahead <= timedelta(hours=1)
    ((shown,),) = database.rows("select app.service_state(kept) from service_state as kept")
    assert "unsigned_mandates_until" not in shown


@pytest.mark.parametrize(("token", "by"), [(None, "kim"), ("", "kim"), (TOKEN, "")])
def test_nothing_is_signed_without_a_token_or_without_who_did_it(
    family: Family, door: Door, token: str | None, by: str
) -> None:
    with refused("PT422", "invalid_mandate"):
        sign(door, family.pending(), token, by)
