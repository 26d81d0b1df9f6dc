# supabase-py declares what it takes and gives with generic types left open:
# pyright: reportUnknownMemberType=false

from uuid import uuid4

import httpx
import pytest
from supabase import Client

from tests.data_api.project import TABLE, Project, Rows, refused, transition


def test_an_unknown_function_is_pgrst202(service: Client) -> None:
    assert refused(lambda: service.rpc("nope", {"a": 1}).execute()).code == "PGRST202"


def test_a_broken_check_constraint_is_23514(service: Client, rows: Rows) -> None:
    bogus = service.table(TABLE).update({"status": "bogus"}).eq("id", rows.ids[0])
    assert refused(bogus.execute).code == "23514"


def test_a_malformed_uuid_is_22p02(service: Client) -> None:
    assert refused(service.table(TABLE).select("*").eq("id", "xyz").execute).code == "22P02"


def test_unknown_columns_and_tables_are_named_as_such(service: Client) -> None:
    assert refused(service.table(TABLE).insert({"nope": 1}).execute).code == "PGRST204"
    assert refused(service.table("nonesuch").select("*").execute).code == "PGRST205"


def test_a_second_row_under_a_unique_key_is_23505(service: Client, rows: Rows) -> None:
    def receipt(code: str) -> object:
        given = {"scheduled_registration_id": rows.ids[0], "receipt_code": code}
        return service.table("registrations").insert(given).execute()

    receipt(f"a-{rows.ids[0]}")
    error = refused(lambda: receipt(f"b-{rows.ids[0]}"))
    assert error.code == "23505"
    assert rows.ids[0] in (error.details or "")


def test_a_reference_to_nothing_is_23503(service: Client) -> None:
    lost = {"scheduled_registration_id": str(uuid4()), "receipt_code": str(uuid4())}
    assert refused(service.table("registrations").insert(lost).execute).code == "23503"


def test_a_table_that_only_grows_refuses_changes_with_its_own_sqlstate(
    service: Client, rows: Rows
) -> None:
    service.rpc("transition", transition(rows.ids[1], "pending", "claimed", 1)).execute()
    events = service.table("audit_events")
    for change in (events.update({"kind": "x"}), events.delete()):
        error = refused(change.eq("scheduled_registration_id", rows.ids[1]).execute)
        assert (error.code, error.message) == ("AE001", "audit_events is append-only")


@pytest.mark.parametrize(
    ("sqlstate", "status"),
    [
        ("P0001", 400),
        ("RC409", 400),
        ("PT404", 404),
        ("PT409", 409),
        ("PT422", 422),
        ("23505", 409),
        ("42501", 403),
        ("40001", 500),
        ("53300", 503),
        ("53400", 500),
        ("28000", 403),
        ("XX000", 500),
    ],
)
def test_each_sqlstate_reaches_the_client_with_its_http_status(
    project: Project, http: httpx.Client, sqlstate: str, status: int
) -> None:
    answer = http.post(
        f"{project.url}/rest/v1/rpc/raised",
        json={"p_sqlstate": sqlstate},
        headers={"apikey": project.secret_key},
    )
    assert answer.status_code == status
    assert answer.json() == {
        "code": sqlstate,
        "message": f"boom {sqlstate}",
        "details": "d",
        "hint": "h",
    }
