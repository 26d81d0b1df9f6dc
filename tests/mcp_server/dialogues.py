"""Dialogues of a chat's own, in which a parent is asked once more."""

import asyncio
from typing import Any

from mcp import Client
from mcp.client.session import ClientRequestContext
from mcp_types import (
    CallToolResult,
    ElicitRequestFormParams,
    ElicitRequestParams,
    ElicitResult,
    InputRequiredResult,
)

CONFIRM = "confirm_registration"

YES = ElicitResult(action="accept", content={"agreed": True})
NO = ElicitResult(action="accept", content={"agreed": False})
DECLINED = ElicitResult(action="decline")
CLOSED = ElicitResult(action="cancel")


class Dialogue:
    """Answers every question alike, and remembers what it was asked."""

    def __init__(self, answer: ElicitResult) -> None:
        self.answer = answer
        self.shown: list[ElicitRequestFormParams] = []

    async def __call__(
        self, context: ClientRequestContext, params: ElicitRequestParams
    ) -> ElicitResult:
        del context
        assert isinstance(params, ElicitRequestFormParams)
        self.shown.append(params)
        return self.answer


class OpenDialogue(Dialogue):
    """Stands open until somebody comes back to it."""

    def __init__(self, answer: ElicitResult) -> None:
        super().__init__(answer)
        self.open, self.came_back = asyncio.Event(), asyncio.Event()

    async def __call__(
        self, context: ClientRequestContext, params: ElicitRequestParams
    ) -> ElicitResult:
        answer = await super().__call__(context, params)
        self.open.set()
        await self.came_back.wait()
        return answer


async def question(chat: Client, consent: dict[str, Any]) -> InputRequiredResult:
    """What the call is answered with by who must ask first; nobody is asked."""
    asked = await chat.session.call_tool(CONFIRM, consent, allow_input_required=True)
    assert isinstance(asked, InputRequiredResult), asked
    return asked


async def answered(
    chat: Client,
    consent: dict[str, Any],
    asked: InputRequiredResult,
    answer: ElicitResult = YES,
    state: str | None = None,
) -> CallToolResult | InputRequiredResult:
    """The same call again, with that answer to every question, and the question's state."""
    return await chat.session.call_tool(
        CONFIRM,
        consent,
        input_responses=dict.fromkeys(asked.input_requests or {}, answer),
        request_state=asked.request_state if state is None else state,
        allow_input_required=True,
    )
