"""The data API as a user reaches it past our server: the public key, and a token of one's own."""

from typing import Any, Self, cast

import httpx

from tests.stack.world import World


class DataApi:
    """A context manager; one connection."""

    def __init__(self, world: World, bearer: str | None) -> None:
        key = world.env["SUPABASE_ANON_KEY"]
        headers = {"apikey": key} | ({"Authorization": f"Bearer {bearer}"} if bearer else {})
        self._http = httpx.Client(
            base_url=f"{world.env['SUPABASE_URL']}/rest/v1", headers=headers, timeout=30
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        return self._http.request(method, path, **options)

    def select(self, table: str, columns: str = "*") -> httpx.Response:
        return self.ask("GET", f"/{table}", params={"select": columns})

    def rows(self, table: str, columns: str) -> list[dict[str, Any]]:
        answer = self.select(table, columns)
        assert answer.status_code == httpx.codes.OK, answer.text
        return cast("list[dict[str, Any]]", answer.json())
