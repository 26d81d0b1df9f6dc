"""Who may ask of a task, how, and how often."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from mcp_types import (
    INTERNAL_ERROR,
    INVALID_PARAMS,
    METHOD_NOT_FOUND,
    MISSING_REQUIRED_CLIENT_CAPABILITY,
)
from structlog.testing import capture_logs

from domain.errors import RecordsUnavailable
from mcp_server.limits import Limits
from tests.mcp_server.arguments import HUGE
from tests.mcp_server.issuer import AUDIENCE, Issuer
from tests.mcp_server.waiting import METHODS, TASKS, Members, arguments, posted
from tests.mcp_server.world import World, running

pytestmark = pytest.mark.asyncio(loop_scope="module")

each_method = pytest.mark.parametrize("method", METHODS)

NOBODYS = str(UUID(int=7))
"""An id of no registration."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def anns(served: World) -> str:
    """Her registration, which waits for its opening."""
    return (await served.pending("ann"))["registration_id"]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def beas_draft(served: World) -> str:
    wish = served.wish(await served.family("bea"))
    return (await served.answer("bea", "schedule_registration", **wish))["registration_id"]


@pytest_asyncio.fixture(loop_scope="module")
async def world(served: World, anns: str, beas_draft: str) -> AsyncIterator[World]:
    """Nothing that is asked here changes anything."""
    assert anns != beas_draft
    before = served.records.everything()
    yield served
    assert served.records.everything() == before


async def asked(
    world: World, user: str, method: str, task_id: object, **how: bool
) -> httpx.Response:
    params = {"taskId": task_id, **arguments(method)}
    return await posted(world, world.issuer.token(user), method, params, **how)


def error(answer: httpx.Response, code: int) -> Members:
    """The error of that code; there is no result beside it."""
    body = answer.json()
    assert "result" not in body
    assert body["error"]["code"] == code
    return body["error"]


@each_method
async def test_anothers_task_looks_exactly_like_none(
    world: World, anns: str, beas_draft: str, method: str
) -> None:
    none = await asked(world, "bea", method, str(uuid4()))
    others = {
        "another's": anns,
        "her own draft": beas_draft,
        "no id": "xyzzy",
        "empty": "",
        "endless": HUGE,
    }
    for kind, task_id in others.items():
        answer = await asked(world, "bea", method, task_id)
        assert (answer.status_code, answer.json()) == (none.status_code, none.json()), kind
    told = error(none, INVALID_PARAMS)
    assert told["message"] == "There is no such task in your account."
    assert told["data"] == {
        "reasons": [{"code": "not_found", "sentence": told["message"], "field": None}]
    }


@each_method
async def test_an_id_has_one_spelling(world: World, anns: str, method: str) -> None:
    for other in (anns.upper(), anns.replace("-", ""), f"{{{anns}}}", f"urn:uuid:{anns}"):
        error(await asked(world, "ann", method, other), INVALID_PARAMS)


@each_method
async def test_who_did_not_declare_tasks_with_the_very_call_is_told_what_is_missing(
    world: World, anns: str, method: str
) -> None:
    answer = await asked(world, "ann", method, anns, declared=False)
    told = error(answer, MISSING_REQUIRED_CLIENT_CAPABILITY)
    assert told["data"] == {"requiredCapabilities": {"extensions": {TASKS: {}}}}


@each_method
async def test_the_older_protocol_has_no_such_method_as_before(
    world: World, anns: str, method: str
) -> None:
    answer = await asked(world, "ann", method, anns, modern=False)
    error(answer, METHOD_NOT_FOUND)


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("tasks/get", {}),
        ("tasks/get", {"task_id": NOBODYS}),
        *(
            (method, {"taskId": bad, **arguments(method)})
            for method in METHODS
            for bad in (None, 7, True, ["a"], {"a": 1})
        ),
        ("tasks/update", {"taskId": NOBODYS}),
        ("tasks/update", {"taskId": NOBODYS, "inputResponses": None}),
        ("tasks/update", {"taskId": NOBODYS, "inputResponses": ["yes"]}),
    ],
    ids=str,
)
async def test_malformed_parameters_are_refused_whole(
    world: World, method: str, params: Members
) -> None:
    answer = await posted(world, world.issuer.token("ann"), method, params)
    assert error(answer, INVALID_PARAMS)["message"] == "Invalid request parameters"


@each_method
async def test_no_token_opens_a_task_but_a_good_one(world: World, anns: str, method: str) -> None:
    issuer = world.issuer
    bad: dict[str, str | None] = {
        "none": None,
        "expired": issuer.token("ann", exp=issuer.claims("ann")["iat"] - 60),
        "for another audience": issuer.token("ann", aud=f"{AUDIENCE}/elsewhere"),
        "of another issuer": issuer.token("ann", iss="https://evil.example/"),
    }
    for kind, token in bad.items():
        answer = await posted(world, token, method, {"taskId": anns, **arguments(method)})
        assert answer.status_code == 401, kind
        assert "WWW-Authenticate" in answer.headers
    narrow = issuer.token("ann", scope="openid")
    answer = await posted(world, narrow, method, {"taskId": anns, **arguments(method)})
    assert answer.status_code == 403


async def test_answers_to_questions_that_nobody_asked_are_taken_and_left_alone(
    world: World, anns: str
) -> None:
    given = {"agreed": {"action": "accept", "content": {"agreed": True}}}
    answer = await posted(
        world,
        world.issuer.token("ann"),
        "tasks/update",
        {"taskId": anns, "inputResponses": given},
    )
    assert answer.json()["result"].keys() == {"resultType", "_meta"}


@each_method
async def test_an_outage_is_told_in_a_sentence(
    world: World, anns: str, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unreachable(_: UUID) -> Any:
        raise RecordsUnavailable("unplugged")

    monkeypatch.setattr(world.records, "registration", unreachable)
    told = error(await asked(world, "ann", method, anns), INTERNAL_ERROR)
    assert "did not answer" in told["message"]
    assert told["data"]["reasons"][0]["code"] == "temporarily_unavailable"


async def test_every_call_is_one_line_that_names_neither_task_nor_person(
    world: World, anns: str
) -> None:
    unknown = str(uuid4())
    with capture_logs() as lines:
        await asked(world, "ann", "tasks/get", anns)
        await asked(world, "ann", "tasks/cancel", unknown)
    calls = [line for line in lines if line["event"] == "task_call"]
    assert [(line["method"], line["outcome"]) for line in calls] == [
        ("tasks/get", "ok"),
        ("tasks/cancel", "not_found"),
    ]
    assert {line["user_id"] for line in calls} == {await world.user_id("ann")}
    assert not [one for one in (anns, unknown) if one in str(lines)]


async def test_the_limits_of_the_server_hold_for_tasks_too(key: RSAPrivateKey) -> None:
    limits = Limits(
        user_burst=3, user_per_second=0.1, body_bytes=2_000, body_within=timedelta(seconds=2)
    )
    async with running(Issuer(key), limits=limits) as world:
        answers = [await asked(world, "ann", method, str(uuid4())) for method in METHODS]
        assert {answer.status_code for answer in answers} == {400}
        assert (await asked(world, "ann", "tasks/get", str(uuid4()))).status_code == 429
        assert (await asked(world, "bea", "tasks/get", HUGE)).status_code == 413
