# supabase-py declares what it takes and gives with generic types left open:
# pyright: reportUnknownMemberType=false

from datetime import datetime, timedelta
from uuid import uuid4

from supabase import Client

from tests.data_api.project import FIRST_TIME, TABLE, Rows, refused, row_of, rows_of


def test_an_insert_of_many_rows_returns_them_with_their_defaults(rows: Rows) -> None:
    assert [row["id"] for row in rows.returned] == rows.ids
    assert {row["version"] for row in rows.returned} == {1}
    assert {row["status"] for row in rows.returned} == {"pending"}


def test_an_instant_comes_back_as_iso_8601_with_its_microseconds(
    service: Client, rows: Rows
) -> None:
    answer = service.table(TABLE).select("scheduled_time").eq("id", rows.ids[0]).single().execute()
    text = row_of(answer)["scheduled_time"]
    assert datetime.fromisoformat(text) == FIRST_TIME
    assert "T" in text
    assert text.endswith("+00:00")


def test_a_json_object_comes_back_as_it_was_sent(service: Client, rows: Rows) -> None:
    answer = service.table(TABLE).select("payload").eq("id", rows.ids[2]).single().execute()
    assert row_of(answer)["payload"] == rows.given[2]["payload"]


def test_filters_order_limit_and_exact_count_work_together(service: Client, rows: Rows) -> None:
    answer = (
        service.table(TABLE)
        .select("id", count="exact")  # pyright: ignore[reportArgumentType]  # the enum is a str
        .eq("user_id", rows.user)
        .in_("status", ["pending", "claimed"])
        .lte("scheduled_time", (FIRST_TIME + timedelta(hours=2)).isoformat())
        .order("scheduled_time", desc=True)
        .limit(2)
        .execute()
    )
    assert answer.count == 3
    assert [row["id"] for row in rows_of(answer)] == [rows.ids[2], rows.ids[1]]


def test_a_range_and_an_or_filter_select_the_named_rows(service: Client, rows: Rows) -> None:
    table = service.table(TABLE)
    of_user = table.select("id").eq("user_id", rows.user).order("scheduled_time")
    assert [row["id"] for row in rows_of(of_user.range(1, 2).execute())] == rows.ids[1:3]
    either = f"id.eq.{rows.ids[0]},id.eq.{rows.ids[5]}"
    found = rows_of(table.select("id").or_(either).order("scheduled_time").execute())
    assert [row["id"] for row in found] == [rows.ids[0], rows.ids[5]]


def test_json_paths_and_containment_can_be_selected_and_filtered(
    service: Client, rows: Rows
) -> None:
    def of_user(columns: str):  # noqa: ANN202 - postgrest's builder
        return service.table(TABLE).select(columns).eq("user_id", rows.user)

    picked = of_user("id, n:payload->n, a:payload->nested->>a").eq("payload->>n", "2").execute()
    assert [row["n"] for row in rows_of(picked)] == [2]
    held = rows_of(of_user("id").contains("payload", {"n": 3}).execute())
    assert [row["id"] for row in held] == [rows.ids[3]]
    assert len(rows_of(of_user("id").is_("payload->nope", "null").execute())) == 6


def test_one_row_asked_for_and_none_found_is_none_or_pgrst116(service: Client) -> None:
    def nobody():  # noqa: ANN202 - postgrest's builder
        return service.table(TABLE).select("*").eq("id", str(uuid4()))

    assert nobody().maybe_single().execute() is None
    assert refused(lambda: nobody().single().execute()).code == "PGRST116"


def test_an_update_guarded_by_status_and_version_happens_once(service: Client, rows: Rows) -> None:
    def claim() -> list[dict[str, object]]:
        return rows_of(
            service.table(TABLE)
            .update({"status": "claimed", "version": 2})
            .eq("id", rows.ids[0])
            .eq("status", "pending")
            .eq("version", 1)
            .execute()
        )

    assert [row["version"] for row in claim()] == [2]
    assert claim() == []


def test_a_delete_returns_what_it_deleted(service: Client, rows: Rows) -> None:
    gone = rows_of(service.table(TABLE).delete().eq("id", rows.ids[5]).execute())
    assert [row["id"] for row in gone] == [rows.ids[5]]


def test_an_upsert_that_ignores_duplicates_returns_only_new_rows(
    service: Client, rows: Rows
) -> None:
    def receipts(*ids: str) -> list[dict[str, object]]:
        given = [{"scheduled_registration_id": i, "receipt_code": f"{len(ids)}-{i}"} for i in ids]
        table = service.table("registrations")
        return rows_of(
            table.upsert(
                given, on_conflict="scheduled_registration_id", ignore_duplicates=True
            ).execute()
        )

    first, second = rows.ids[:2]
    assert len(receipts(first)) == 1
    assert [row["scheduled_registration_id"] for row in receipts(first, second)] == [second]
    assert receipts(first) == []
    kept = service.table("registrations").select("receipt_code")
    answer = kept.eq("scheduled_registration_id", first).single().execute()
    assert row_of(answer)["receipt_code"] == f"1-{first}"


def test_an_upsert_that_merges_replaces_the_row(service: Client, rows: Rows) -> None:
    def receipt(code: str) -> list[dict[str, object]]:
        given = {"scheduled_registration_id": rows.ids[0], "receipt_code": code}
        table = service.table("registrations")
        return rows_of(table.upsert(given, on_conflict="scheduled_registration_id").execute())

    old, new = receipt(f"old-{rows.ids[0]}"), receipt(f"new-{rows.ids[0]}")
    assert old[0]["id"] == new[0]["id"]
    assert new[0]["receipt_code"] == f"new-{rows.ids[0]}"


def test_a_row_can_be_selected_with_the_one_it_refers_to(service: Client, rows: Rows) -> None:
    receipt = {"scheduled_registration_id": rows.ids[1], "receipt_code": f"E-{rows.ids[1]}"}
    service.table("registrations").insert(receipt).execute()
    answer = (
        service.table("registrations")
        .select("receipt_code, scheduled_registrations!inner(id, status)")
        .eq("scheduled_registrations.status", "pending")
        .eq("scheduled_registration_id", rows.ids[1])
        .execute()
    )
    assert [row["scheduled_registrations"]["id"] for row in rows_of(answer)] == [rows.ids[1]]
