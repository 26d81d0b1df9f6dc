"""What every check needs: the project's keys, its clients, its tokens, its rows."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, cast
from uuid import uuid4

import httpx
import jwt
import pytest
from postgrest.exceptions import APIError
from supabase import Client, ClientOptions, create_client

TABLE = "scheduled_registrations"
FIRST_TIME = datetime(2026, 12, 1, 9, 30, 0, 123456, tzinfo=timezone(timedelta(hours=5.5)))

Row = dict[str, Any]


@dataclass(frozen=True)
class Project:
    """One Supabase project, hosted or embedded."""

    url: str
    secret_key: str
    publishable_key: str
    jwt_secret: str

    def client(self, http: httpx.Client, key: str, *, bearer: str | None = None) -> Client:
        headers = {"Authorization": f"Bearer {bearer or key}"}
        return create_client(self.url, key, ClientOptions(httpx_client=http, headers=headers))

    def token(self, *, secret: str | None = None, expires_in: int = 3600, **claims: object) -> str:
        """A token of the project's own kind, HS256."""
        now = int(time.time())
        issued = now - 1 if expires_in > 0 else now + 2 * expires_in
        return jwt.encode(
            {"iat": issued, "exp": now + expires_in, **claims},
            secret or self.jwt_secret,
            algorithm="HS256",
        )

    def user_token(self, user: str, *, secret: str | None = None, expires_in: int = 3600) -> str:
        return self.token(
            secret=secret,
            expires_in=expires_in,
            sub=user,
            role="authenticated",
            aud="authenticated",
        )


@dataclass(frozen=True)
class Rows:
    """Rows made for one test."""

    user: str
    other_user: str
    given: list[Row]
    returned: list[Row]

    @property
    def ids(self) -> list[str]:
        return [row["id"] for row in self.given]


def a_row(user: str, number: int) -> Row:
    return {
        "id": str(uuid4()),
        "user_id": user,
        "scheduled_time": (FIRST_TIME + timedelta(hours=number)).isoformat(),
        "payload": {"n": number, "nested": {"a": [1, 2, {"b": None}]}, "s": 'é"\\'},
    }


def rows_of(answer: Any) -> list[Row]:
    return cast("list[Row]", answer.data)


def row_of(answer: Any) -> Row:
    return cast("Row", answer.data)


def refused(ask: Callable[[], object]) -> APIError:
    """The API error that the call must end in."""
    with pytest.raises(APIError) as caught:
        ask()
    return caught.value


def transition(row_id: str, come_from: str, to: str, version: int) -> dict[str, Any]:
    """The arguments of the function `transition`; its detail is left to the default."""
    return {"p_id": row_id, "p_from": come_from, "p_to": to, "p_version": version}
