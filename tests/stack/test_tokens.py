import base64
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from sandbox.issuer.signing_keys import SigningKeys
from tests.stack.data_api import DataApi
from tests.stack.parent import Parent
from tests.stack.world import World

pytestmark = pytest.mark.xdist_group("stack")

USER = "stranger"


def _unsigned(world: World) -> str:
    _, claims, _ = world.token(USER).split(".")
    header = base64.urlsafe_b64encode(json.dumps({"alg": "none", "typ": "JWT"}).encode())
    return f"{header.decode().rstrip('=')}.{claims}."


def _of_a_strangers_key(world: World) -> str:
    claims = world.token(USER).split(".")[1]
    padded = base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4))
    return SigningKeys(world.stack.data / "strangers").sign(json.loads(padded))


FALSE: dict[str, Callable[[World], str | None]] = {
    "no token": lambda _: None,
    "garbage": lambda _: "garbage",
    "expired": lambda world: world.token(USER, lifetime=timedelta(hours=-1)),
    "wrong audience": lambda world: world.token(USER, audience="https://other.example/mcp"),
    "wrong issuer": lambda world: world.token(USER, issuer="https://evil.example/"),
    "algorithm none": _unsigned,
    "another key": _of_a_strangers_key,
}


def _list_tools(world: World, token: str | None) -> httpx.Response:
    headers = {"Accept": "application/json, text/event-stream"}
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    body: dict[str, Any] = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    return httpx.post(world.env["MCP_URL"], json=body, headers=headers)


@pytest.mark.parametrize("kind", FALSE)
def test_the_chat_server_and_the_data_api_answer_401_to_anything_but_a_good_token(
    world: World, kind: str
) -> None:
    token = FALSE[kind](world)
    identities = world.rows("select count(*) from identities")
    refused = _list_tools(world, token)
    assert refused.status_code == 401
    assert refused.headers["WWW-Authenticate"].startswith("Bearer ")
    with DataApi(world, token) as data_api:
        for answer in (
            data_api.select("scheduled_registrations"),
            data_api.ask("POST", "/rpc/ping", json={}),
        ):
            assert answer.status_code == 401, answer.text
    assert world.rows("select count(*) from identities") == identities


async def test_a_good_token_of_somebody_new_is_let_in_and_sees_nothing(world: World) -> None:
    new = Parent(world, USER)
    assert (await new.answer("list_registrations")) == {"registrations": []}
    with DataApi(world, world.token(USER)) as data_api:
        assert data_api.select("scheduled_registrations").json() == []
