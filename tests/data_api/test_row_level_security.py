# supabase-py declares what it takes and gives with generic types left open:
# pyright: reportUnknownMemberType=false

from collections.abc import Callable

import httpx
from supabase import Client, ClientOptions, create_client

from tests.data_api.project import (
    FIRST_TIME,
    TABLE,
    Project,
    Rows,
    refused,
    rows_of,
    transition,
)

AsUser = Callable[[str], Client]


def _seen(client: Client) -> set[str]:
    return {row["id"] for row in rows_of(client.table(TABLE).select("id").execute())}


def test_the_publishable_key_alone_sees_no_row(
    project: Project, http: httpx.Client, rows: Rows
) -> None:
    assert rows.ids
    assert _seen(project.client(http, project.publishable_key)) == set()


def test_a_user_sees_their_own_rows_and_no_others(
    project: Project, as_user: AsUser, rows: Rows
) -> None:
    assert _seen(as_user(project.user_token(rows.user))) == set(rows.ids[:6])
    assert _seen(as_user(project.user_token(rows.other_user))) == {rows.ids[6]}


def test_a_token_set_on_the_data_client_counts_as_one_in_the_headers(
    project: Project, http: httpx.Client, rows: Rows
) -> None:
    client = create_client(project.url, project.publishable_key, ClientOptions(httpx_client=http))
    client.postgrest.auth(project.user_token(rows.other_user))
    assert _seen(client) == {rows.ids[6]}


def test_a_user_cannot_write(project: Project, as_user: AsUser, rows: Rows) -> None:
    client = as_user(project.user_token(rows.user))
    change = client.table(TABLE).update({"status": "cancelled"}).eq("id", rows.ids[0])
    assert rows_of(change.execute()) == []
    row = {"user_id": rows.user, "scheduled_time": FIRST_TIME.isoformat()}
    assert refused(client.table(TABLE).insert(row).execute).code == "42501"


def test_a_user_cannot_call_a_function_that_was_not_granted(
    project: Project, as_user: AsUser, rows: Rows
) -> None:
    client = as_user(project.user_token(rows.user))
    arguments = transition(rows.ids[2], "pending", "claimed", 1)
    assert refused(lambda: client.rpc("transition", arguments).execute()).code == "42501"
