"""Chats that declare MCP's tasks extension, and what they ask of a task."""

import asyncio
from collections.abc import Sequence
from typing import Any, ClassVar, Literal

import httpx
from mcp import Client
from mcp.client.extension import ClaimContext, ClientExtension, ResultClaim
from mcp.client.session import ClientSession
from mcp_types import CallToolResult, Request, Result
from pydantic import ConfigDict

from tests.hostile.speech import envelope, spoken
from tests.mcp_server.dialogues import CONFIRM
from tests.mcp_server.world import TLS, World

TASKS = "io.modelcontextprotocol/tasks"
METHODS = ("tasks/get", "tasks/update", "tasks/cancel")

Members = dict[str, Any]
"""Of a message, as they are on the wire."""


class Handle(Result):
    """What a call is answered with that becomes a task."""

    result_type: Literal["task"]
    task_id: str
    status: str
    status_message: str
    created_at: str
    last_updated_at: str
    ttl_ms: int | None
    poll_interval_ms: int


class _TaskRequest(Request[Members, str]):
    name_param: ClassVar[str | None] = "taskId"


class _AnyResult(Result):
    model_config = ConfigDict(extra="allow")


class Waiting(ClientExtension):
    """Waits for the outcome of every call that becomes a task, and looks as often as it is told."""

    identifier = TASKS

    def __init__(self) -> None:
        self.handles: list[Handle] = []
        self.seen: list[Members] = []
        """Every answer to `tasks/get`."""

    def claims(self) -> Sequence[ResultClaim[Any]]:
        return [ResultClaim(result_type="task", model=Handle, resolve=self._resolve)]

    async def _resolve(self, handle: Handle, context: ClaimContext) -> CallToolResult:
        self.handles.append(handle)
        return await self.outcome(context.session, handle.task_id)

    async def outcome(self, session: ClientSession, task_id: str) -> CallToolResult:
        """What the task comes to."""
        while True:
            task = await ask(session, "tasks/get", task_id)
            self.seen.append(task)
            if task["status"] == "completed":
                return CallToolResult.model_validate(task["result"])
            assert task["status"] == "working", task
            await asyncio.sleep(task["pollIntervalMs"] / 1_000)


async def ask(session: ClientSession, method: str, task_id: str, **more: Any) -> Members:
    """The answer to that method for that task."""
    asked = _TaskRequest(method=method, params={"taskId": task_id, **more})
    answer = await session.send_request(asked, _AnyResult)
    return answer.model_dump(mode="json", by_alias=True, exclude_unset=True)


async def handle(chat: Client, consent: Members) -> Handle:
    """The task that the confirm becomes; nobody waits for it."""
    begun = await chat.session.call_tool(CONFIRM, consent, allow_claimed=True)
    assert isinstance(begun, Handle), begun
    return begun


async def posted(
    world: World,
    token: str | None,
    method: str,
    params: Members,
    *,
    declared: bool = True,
    modern: bool = True,
) -> httpx.Response:
    """A bare request, of a client that says of it whether it takes tasks."""
    said = envelope(extensions={TASKS: {}}) if declared else envelope()
    body, headers = spoken(token or "", method, {"_meta": said, **params}, modern=modern)
    if token is None:
        del headers["Authorization"]
    async with httpx.AsyncClient(base_url=world.base, timeout=10, verify=TLS) as http:
        return await http.post("/mcp", content=body, headers=headers)


def arguments(method: str) -> Members:
    """What the method needs besides the task's id."""
    return {"inputResponses": {}} if method == "tasks/update" else {}
