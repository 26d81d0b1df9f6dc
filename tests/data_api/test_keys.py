from collections.abc import Callable

import httpx
from supabase import Client

from tests.data_api.project import TABLE, Project, Rows, refused, row_of, rows_of

ONE_ROW = f"/rest/v1/{TABLE}?select=id&limit=1"


def test_a_users_token_under_another_secret_is_refused(
    project: Project, as_user: Callable[[str], Client], rows: Rows
) -> None:
    forged = as_user(project.user_token(rows.user, secret="wrong" * 8))
    assert refused(forged.table(TABLE).select("id").execute).code == "PGRST301"


def test_a_users_expired_token_is_refused(
    project: Project, as_user: Callable[[str], Client], rows: Rows
) -> None:
    late = as_user(project.user_token(rows.user, expires_in=-3600))
    assert refused(late.table(TABLE).select("id").execute).code == "PGRST303"


def test_an_unknown_key_is_refused(project: Project, http: httpx.Client) -> None:
    wrong = project.client(http, "sb_secret_wrong")
    assert refused(wrong.table(TABLE).select("id").execute).message == "Invalid API key"


def test_a_legacy_service_role_key_acts_as_the_service_role(
    project: Project, http: httpx.Client, rows: Rows
) -> None:
    key = project.token(role="service_role", iss="supabase", expires_in=10**8)
    found = project.client(http, key).table(TABLE).select("id").eq("id", rows.ids[0]).execute()
    assert len(rows_of(found)) == 1


def test_a_service_role_token_may_come_beside_the_secret_key(
    project: Project, http: httpx.Client, rows: Rows
) -> None:
    token = project.token(role="service_role", iss="supabase", expires_in=10**8)
    client = project.client(http, project.secret_key, bearer=token)
    found = client.table(TABLE).select("id").eq("id", rows.ids[0]).execute()
    assert len(rows_of(found)) == 1


def test_the_secret_key_suffices_as_apikey_alone(
    project: Project, http: httpx.Client, rows: Rows
) -> None:
    answer = http.get(project.url + ONE_ROW, headers={"apikey": project.secret_key})
    assert rows.ids
    assert (answer.status_code, len(answer.json())) == (200, 1)


def test_the_secret_key_as_bearer_alone_is_refused(project: Project, http: httpx.Client) -> None:
    bearer = {"Authorization": f"Bearer {project.secret_key}"}
    assert http.get(project.url + ONE_ROW, headers=bearer).status_code == 401


def test_a_request_without_any_key_is_refused(project: Project, http: httpx.Client) -> None:
    assert http.get(project.url + ONE_ROW).status_code == 401


def test_every_request_runs_under_the_login_role_that_is_nobody_by_itself(service: Client) -> None:
    asking = row_of(service.rpc("asking").execute())
    assert (asking["login_role"], asking["database_role"]) == ("authenticator", "service_role")
