"""docs/mcp-tasks.md shows what the server really says."""

import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import pytest
import pytest_asyncio

from tests.mcp_server import standings
from tests.mcp_server.cancelling import cancels_taken, too_late
from tests.mcp_server.confirming import drafted
from tests.mcp_server.waiting import Members, posted
from tests.mcp_server.world import Records, World

pytestmark = pytest.mark.asyncio(loop_scope="module")

PAGE = (Path(__file__).parents[2] / "docs" / "mcp-tasks.md").read_text()
TASK = "1f6e2c0a-7d4b-4c57-9a53-0c8f4be0a2d1"
"""The registration of the page."""

SECTION = re.compile(r"^## (?P<title>.+)\n(?P<text>(?:(?!^## ).*\n)*)", re.MULTILINE)
MESSAGE = re.compile(r"^```json\n(.*?)^```", re.MULTILINE | re.DOTALL)
SECTIONS = {
    found["title"]: [json.loads(message) for message in MESSAGE.findall(found["text"])]
    for found in SECTION.finditer(PAGE)
}

DRAWN = {
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}": "an id",
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z": "an instant",
    r"\w+day, \d+ \w+ \d{4} at \d+:\d\d:\d\d [AP]M E[SD]T": "an opening",
    r"\b\d{15}\b": "a booking",
    r"REG-[0-9A-Z]{8}": "a receipt",
}
"""What is another each time."""


async def _waiting(records: Records, registration_id: UUID) -> None:
    del records, registration_id


STANDINGS: dict[str, Callable[[Records, UUID], Awaitable[None]]] = {
    "Look": standings.booked_and_paid,
    "No place": standings.sold_out,
    "Call off": _waiting,
    "Too late": _waiting,
    "Another's, or none": _waiting,
}


@pytest_asyncio.fixture(loop_scope="module")
async def world(asking: World) -> AsyncIterator[World]:
    with cancels_taken(asking):
        yield asking.with_new_people()


def _sent(message: Members, consent: Members) -> Members:
    """The page's request, about a registration that there is."""
    digested = json.dumps(message).replace("DIGEST", consent["summary_digest"])
    return json.loads(digested.replace(TASK, consent["registration_id"]))


def _plain(value: Any) -> Any:
    """The same with a word for whatever is drawn anew each time."""
    text = json.dumps(value)
    for pattern, word in DRAWN.items():
        text = re.sub(pattern, word, text)
    return json.loads(text)


def _left_out(shown: Any, told: Any) -> Any:
    """What was told, without the members that the page leaves out."""
    match shown, told:
        case dict(), dict():
            known, all_told = cast("Members", shown), cast("Members", told)
            return {
                name: _left_out(known[name], each)
                for name, each in all_told.items()
                if name in known
            }
        case list(), list():
            pairs = zip(cast("list[Any]", shown), cast("list[Any]", told), strict=True)
            return [_left_out(*pair) for pair in pairs]
        case _:
            return told


async def test_every_example_of_the_page_is_tried() -> None:
    assert SECTIONS.keys() == {"Confirm", *STANDINGS}
    assert {len(messages) for messages in SECTIONS.values()} == {2}


async def test_the_confirm_of_the_page_becomes_the_task_of_the_page(world: World) -> None:
    consent = await drafted(world)
    request, shown = SECTIONS["Confirm"]
    sent = _sent(request, consent)
    token = world.issuer.token(f"ann{world.people}")
    told = (await posted(world, token, sent["method"], sent["params"])).json()
    del told["result"]["_meta"]
    assert _plain(told) == _plain(shown)


@pytest.mark.parametrize("title", STANDINGS)
async def test_what_is_asked_of_a_task_is_answered_as_on_the_page(world: World, title: str) -> None:
    consent = await drafted(world)
    confirm, token = SECTIONS["Confirm"][0], world.issuer.token(f"ann{world.people}")
    begun = _sent(confirm, consent)
    await posted(world, token, begun["method"], begun["params"])
    await STANDINGS[title](world.records, UUID(consent["registration_id"]))
    if title == "Too late":
        world.temporal.cancels = too_late
    request, shown = SECTIONS[title]
    sent = _sent(request, consent)
    told = (await posted(world, token, sent["method"], sent["params"])).json()
    assert _left_out(shown, _plain(told | {"id": sent["id"]})) == _plain(shown)
