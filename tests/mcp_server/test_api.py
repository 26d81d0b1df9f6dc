"""Who gets to the HTTP API, how often, and what everybody is told alike."""

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from structlog.testing import capture_logs

from domain.errors import PaymentMisconfigured, PaymentUnavailable
from mcp_server.limits import Limits
from tests.mcp_server.issuer import Issuer
from tests.mcp_server.subscribing import PATHS, asked, parent, refused, sent
from tests.mcp_server.world import World, running

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
def world(served: World) -> World:
    return served.with_new_people()


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=101", "limit=many", "after=Zebedee", "after=in_../x"]
)
async def test_what_cannot_be_used_is_named_and_not_repeated(world: World, query: str) -> None:
    answer = await sent(
        world, "GET", f"/invoices?{query}", world.issuer.token("ann" + world.people)
    )
    assert answer.status_code == 422
    (reason,) = answer.json()["error"]["reasons"]
    name, _, value = query.partition("=")
    assert (reason["code"], reason["field"]) == ("invalid_argument", name)
    assert value not in answer.text


@pytest.mark.parametrize(("method", "path"), sorted(PATHS))
async def test_nobody_gets_in_without_a_good_token_that_grants_enough(
    world: World, method: str, path: str
) -> None:
    before, met = world.records.everything(), world.records.identified
    for token, status, error in (
        (None, 401, "invalid_token"),
        ("forged", 401, "invalid_token"),
        (world.issuer.token("ann", exp=1), 401, "invalid_token"),
        (world.issuer.token("ann", scope="openid"), 403, "insufficient_scope"),
    ):
        answer = await sent(world, method, path, token)
        assert (answer.status_code, answer.json()["error"]) == (status, error)
        assert answer.headers["WWW-Authenticate"].endswith(', scope="registrations"')
    assert (world.records.everything(), world.records.identified) == (before, met)


async def test_while_stripe_or_the_database_is_silent_the_same_request_may_be_repeated(
    world: World,
) -> None:
    await parent(world)
    world.billing.script.fail_next("start_checkout", PaymentUnavailable("down"))
    assert await refused(world, "POST", "/checkout", status=503) == ["temporarily_unavailable"]
    stranger = world.with_new_people()
    world.records.unplugged = True
    try:
        told = await refused(stranger, "GET", status=503)
    finally:
        world.records.unplugged = False
    assert told == ["temporarily_unavailable"]
    await asked(world, "POST", "/checkout")


async def test_our_own_fault_is_said_to_be_ours_and_logged_without_what_was_asked(
    world: World,
) -> None:
    await parent(world)
    world.billing.script.fail_next("start_checkout", PaymentMisconfigured("no such price"))
    with capture_logs() as lines:
        assert await refused(world, "POST", "/checkout", status=500) == ["internal_error"]
    assert any(line["event"] == "tool_crashed" for line in lines)
    (line,) = [line for line in lines if line["event"] == "http_request"]
    assert (line["route"], line["status"]) == ("/api/subscriptions/checkout", 500)


async def test_one_user_s_share_is_over_chat_and_api_together(key: RSAPrivateKey) -> None:
    async with running(Issuer(key), limits=Limits(user_burst=3, user_per_second=0.1)) as world:
        token = world.issuer.token("ann")
        assert (await world.post(token)).status_code == 200
        assert (await sent(world, "GET", "", token)).status_code == 200
        assert (await world.post(token)).status_code == 200
        turned_away = await sent(world, "GET", "", token)
        assert turned_away.status_code == 429
        assert "Retry-After" in turned_away.headers
        assert (await sent(world, "GET", "", world.issuer.token("bea"))).status_code == 200


async def test_it_is_described_for_other_programs(world: World) -> None:
    described = (await world.get("/openapi.json")).json()

    paths = {
        (method.upper(), path.removeprefix("/api/subscriptions"))
        for path, methods in described["paths"].items()
        if path.startswith("/api/")
        for method in methods
    }
    assert paths == PATHS
    for path, methods in described["paths"].items():
        if path.startswith("/api/"):
            for operation in methods.values():
                assert operation["summary"]
                assert operation["description"]
                assert operation["security"] == [{"HTTPBearer": []}]
                assert {"200", "401", "403", "409", "429", "503"} <= operation["responses"].keys()
