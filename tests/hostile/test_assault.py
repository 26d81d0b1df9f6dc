"""A short assault, and that a long one would notice what it is for."""

import itertools
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from tests.hostile.assault import assault
from tests.hostile.heads import KIND as HEADS
from tests.hostile.heads import Head
from tests.hostile.http_api import KIND as HTTP
from tests.hostile.logbook import kept
from tests.hostile.messages import KIND as MESSAGES
from tests.hostile.slow_clients import KIND as SLOW
from tests.hostile.target import Target, target
from tests.hostile.task_calls import KIND as TASKS
from tests.hostile.task_calls import TaskCall
from tests.hostile.tool_calls import KIND as TOOLS
from tests.hostile.tool_calls import ToolCall
from tests.mcp_server.world import PUBLIC_HOST

pytestmark = pytest.mark.asyncio(loop_scope="module")

SOME = 240
FEW = 40


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server() -> AsyncIterator[Target]:
    async with target() as server:
        yield server


async def test_some_hundred_bad_inputs_change_nothing_and_leave_the_server_well(
    server: Target,
) -> None:
    report = await assault(server, SOME, seed=4)
    assert not report.faults, "\n".join(report.lines())
    assert report.statuses.keys() == {TOOLS, TASKS, MESSAGES, HEADS, HTTP, SLOW}
    assert report.count - report.statuses[SLOW].total() == SOME


async def test_a_servers_error_would_be_noticed(
    server: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mcp_server.pages._page", None)
    with kept() as book:
        sent = f"GET /card-saved HTTP/1.1\r\nHost: {PUBLIC_HOST}\r\n\r\n".encode()
        outcome = await Head(server, sent).land()
    assert outcome.fault.startswith("it was answered with 500")
    assert any("traceback" in fault for fault in book.faults)


async def test_a_crash_told_as_an_answer_would_be_noticed(
    server: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mcp_server.calls.ToolCalls._check_names", None)
    with kept() as book:
        outcome = await ToolCall(server, "list_children", {}, modern=True).land()
    assert outcome.status == 200
    assert outcome.fault.startswith("a tool crashed")
    assert any("we logged a crash" in fault for fault in book.faults)


async def test_a_bad_call_that_is_taken_would_be_noticed(server: Target) -> None:
    outcome = await ToolCall(server, "list_children", {}, modern=False).land()
    assert outcome.fault.startswith("list_children took {}")


async def test_a_task_that_is_told_to_another_would_be_noticed(server: Target) -> None:
    anns = replace(server, tokens=itertools.repeat(server.world.issuer.token("ann")))
    outcome = await TaskCall(anns, "tasks/get", {"taskId": server.anothers[0]}).land()
    assert outcome.fault.startswith("tasks/get took")


async def test_a_change_would_be_noticed(server: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    records = server.world.records
    look = records.registration

    async def change(asked: UUID) -> Any:
        records.identities[str(asked), ""] = asked
        return await look(asked)

    monkeypatch.setattr(records, "registration", change)
    report = await assault(server, FEW, seed=4)
    assert report.faults == ["something was changed"]


async def test_a_repeated_input_would_be_noticed() -> None:
    with kept() as book:
        logging.getLogger("uvicorn.error").warning("Invalid host: %s", "xyzzy")
    assert ["repeated what was sent" in fault for fault in book.faults] == [True]
