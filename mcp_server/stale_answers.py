"""Answers to a question that is over, told like every other failure."""

import time
from typing import Any

import structlog
from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.shared.exceptions import MCPError

from domain.refusals import Reason
from mcp_server.errors import failed

REFUSED_BY_THE_SEAL = {"reason": "invalid_request_state"}
"""What the SDK says of a state that it does not take, whatever is wrong with it."""

OVER = Reason(
    code="question_over",
    sentence="That answers a question that is over, or none of ours, so nothing was changed. Make "
    "the same call anew: you are asked again.",
)

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class StaleAnswers:
    """Stands before the SDK's seal, which lets no such call through to a tool."""

    def __init__(self, tools: frozenset[str]) -> None:
        self._tools = tools

    async def __call__(
        self, ctx: ServerRequestContext[Any, Any], call_next: CallNext
    ) -> HandlerResult:
        """Pass everything on. Too late, altered, of another user, of another call: refused."""
        began = time.perf_counter()
        try:
            return await call_next(ctx)
        except MCPError as error:
            if ctx.method != "tools/call" or error.data != REFUSED_BY_THE_SEAL:
                raise
        name = (ctx.params or {}).get("name")
        _log.info(
            "tool_call",
            tool=name if isinstance(name, str) and name in self._tools else "unknown",
            outcome=OVER.code,
            duration_ms=round((time.perf_counter() - began) * 1000, 1),
            user_id=None,
        )
        return failed((OVER,))
