import asyncio
import time
from datetime import timedelta

import jwt
import pytest

from tests.mcp_server.issuer import AUDIENCE, new_key
from tests.mcp_server.world import PUBLIC_HOST, World

OTHER_KEY = new_key()


async def test_a_good_token_is_believed_wherever_its_audience_stands(world: World) -> None:
    for token in (
        world.issuer.token("ann"),
        world.issuer.token("ann", aud=["https://userinfo.example/", AUDIENCE]),
    ):
        assert (await world.post(token)).status_code == 200


async def test_the_metadata_names_the_resource_and_who_issues_its_tokens(world: World) -> None:
    answer = await world.get("/.well-known/oauth-protected-resource/mcp")
    assert answer.status_code == 200
    assert answer.json()["resource"] == f"https://{PUBLIC_HOST}/mcp"
    assert answer.json()["authorization_servers"] == [world.issuer.url]
    assert answer.json()["scopes_supported"] == ["registrations"]
    root = await world.get("/.well-known/oauth-protected-resource")
    assert root.headers["Location"].endswith("/.well-known/oauth-protected-resource/mcp")


async def test_the_keys_are_fetched_once_for_many_tokens(world: World) -> None:
    for user in ("ann", "bea", "cem"):
        assert (await world.post(world.issuer.token(user))).status_code == 200
    assert world.issuer.fetches == 1


async def test_unknown_keys_cause_one_fetch_a_floor_however_many_there_are(
    world: World,
) -> None:
    claims = world.issuer.claims("ann")
    for number in range(20):
        token = jwt.encode(claims, OTHER_KEY, algorithm="RS256", headers={"kid": f"k{number}"})
        assert (await world.post(token)).status_code == 401
    assert world.issuer.fetches == 1


async def test_a_rotated_key_is_found_at_its_first_use(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await world.post(world.issuer.token("ann"))).status_code == 200
    world.issuer.published["second"] = OTHER_KEY
    clock = time.monotonic
    monkeypatch.setattr("mcp_server.keys.monotonic", lambda: clock() + 60)
    token = jwt.encode(
        world.issuer.claims("ann"), OTHER_KEY, algorithm="RS256", headers={"kid": "second"}
    )
    assert (await world.post(token)).status_code == 200
    assert world.issuer.fetches == 2


async def test_a_withdrawn_key_is_soon_believed_no_more(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = world.issuer.token("ann")
    assert (await world.post(token)).status_code == 200
    world.issuer.published = {"second": OTHER_KEY}
    clock = time.monotonic
    monkeypatch.setattr("mcp_server.keys.monotonic", lambda: clock() + 11 * 60)
    assert (await world.post(token)).status_code == 401


async def test_without_the_issuers_keys_nobody_gets_in(world: World) -> None:
    world.issuer.broken = True
    assert (await world.post(world.issuer.token("ann"))).status_code == 401


async def test_a_short_silence_of_the_issuer_harms_nobody_and_a_long_one_shuts_the_door(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = world.issuer.token("ann")
    assert (await world.post(token)).status_code == 200
    world.issuer.broken = True
    clock = time.monotonic
    monkeypatch.setattr("mcp_server.keys.monotonic", lambda: clock() + 30 * 60)
    assert (await world.post(token)).status_code == 200
    monkeypatch.setattr("mcp_server.keys.monotonic", lambda: clock() + 90 * 60)
    assert (await world.post(token)).status_code == 401


async def test_a_slow_issuer_blocks_nobody_else(world: World) -> None:
    world.issuer.answering.clear()
    try:
        waiting = asyncio.create_task(world.post(world.issuer.token("ann")))
        async with asyncio.timeout(10):
            await world.issuer.asked.wait()
            assert (await world.get("/healthz")).status_code == 200
        assert not waiting.done()
    finally:
        world.issuer.answering.set()
    assert (await waiting).status_code == 200


async def test_an_issuer_that_drips_its_keys_for_ever_is_given_up(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mcp_server.keys.FETCH_WITHIN", timedelta(seconds=0.2))
    world.issuer.dripping = True
    async with asyncio.timeout(5):
        assert (await world.post(world.issuer.token("ann"))).status_code == 401


async def test_a_token_is_looked_up_once_and_each_token_anew(world: World) -> None:
    token = world.issuer.token("ann")
    async with world.chat("ann", token=token) as client:
        for _ in range(5):
            assert not (await client.call_tool("list_children", {})).is_error
    assert world.records.identified == 1
    async with world.chat("ann", token=world.issuer.token("ann", jti="another")) as client:
        await client.call_tool("list_children", {})
    assert world.records.identified == 2
    assert len(world.records.identities) == 1


async def test_a_foreign_host_name_is_turned_away(world: World) -> None:
    token = world.issuer.token("ann")
    assert (await world.post(token, Host=PUBLIC_HOST)).status_code == 200
    assert (await world.post(token, Host="rebound.example")).status_code == 421
    assert (await world.post(token, Origin="https://evil.example")).status_code == 403
