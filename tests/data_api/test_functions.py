# supabase-py declares what it takes and gives with generic types left open:
# pyright: reportUnknownMemberType=false

from datetime import UTC, datetime
from uuid import uuid4

from supabase import Client

from tests.data_api.project import Rows, refused, row_of, rows_of, transition


def test_a_function_that_returns_a_row_answers_with_one_object(service: Client, rows: Rows) -> None:
    arguments = {**transition(rows.ids[1], "pending", "claimed", 1), "p_detail": {"by": "w1"}}
    row = row_of(service.rpc("transition", arguments).execute())
    assert (row["version"], row["status"]) == (2, "claimed")


def test_an_argument_with_a_default_may_be_left_out(service: Client, rows: Rows) -> None:
    answer = service.rpc("transition", transition(rows.ids[1], "pending", "running", 1)).execute()
    assert row_of(answer)["status"] == "running"


def test_a_conflict_keeps_its_sqlstate_detail_and_hint(service: Client, rows: Rows) -> None:
    late = transition(rows.ids[1], "claimed", "running", 7)
    error = refused(lambda: service.rpc("transition", late).execute())
    assert (error.code, error.details, error.hint) == (
        "RC409",
        "expected claimed/v7",
        "reload and retry",
    )
    assert error.message == f"transition conflict for {rows.ids[1]}"


def test_a_function_that_raises_changes_nothing(service: Client, rows: Rows) -> None:
    service.rpc("transition", transition(rows.ids[1], "pending", "claimed", 1)).execute()
    refused(
        lambda: service.rpc(
            "transition", transition(rows.ids[1], "pending", "claimed", 1)
        ).execute()
    )
    table = service.table("audit_events").select("*")
    events = rows_of(table.eq("scheduled_registration_id", rows.ids[1]).order("id").execute())
    assert [event["detail"]["to"] for event in events] == ["claimed"]
    assert isinstance(events[0]["id"], int)


def test_a_function_without_arguments_returns_its_json_by_post_and_by_get(service: Client) -> None:
    assert isinstance(service.rpc("stats").execute().data, dict)
    assert isinstance(service.rpc("stats", {}, get=True).execute().data, dict)


def test_arguments_of_every_type_arrive_as_they_were_sent(service: Client) -> None:
    ids = [str(uuid4()), str(uuid4())]
    moment = "2026-12-01T09:30:00.123456+05:30"
    sent = {
        "p_object": {"a": [1, {"b": None}], "s": 'é"\\'},
        "p_json": {"k": [True]},
        "p_texts": ["x", 'y"z', ""],
        "p_ids": ids,
        "p_moment": moment,
        "p_flag": False,
        "p_big": 2**53 - 1,
        "p_text": "tab\tend",
    }
    seen = row_of(service.rpc("described", sent).execute())
    assert seen["object"] == sent["p_object"]
    assert (seen["object_type"], seen["json_type"]) == ("object", "object")
    assert (seen["json"], seen["texts"], seen["ids"]) == (sent["p_json"], sent["p_texts"], ids)
    assert datetime.fromisoformat(seen["moment"]) == datetime.fromisoformat(moment)
    assert (seen["flag"], seen["big"], seen["text"]) == (False, 2**53 - 1, "tab\tend")


def test_scalars_sets_tables_and_nothing_are_returned_in_their_shapes(
    service: Client, rows: Rows
) -> None:
    assert service.rpc("answer").execute().data == 42
    assert service.rpc("nothing").execute().data == []
    moments = rows_of(service.rpc("moments").execute())
    assert [moment["number"] for moment in moments] == [1]
    assert datetime.fromisoformat(moments[0]["at"]) == datetime(2026, 1, 1, 0, 0, 0, 500_000, UTC)
    due = rows_of(service.rpc("due", {"p_user": rows.user, "p_limit": 2}).execute())
    assert [row["id"] for row in due] == rows.ids[:2]
