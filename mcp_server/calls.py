"""The MCP server itself: every call identified, answered in our words, and logged in one line."""

from collections.abc import Sequence
from typing import Any

import structlog
from mcp.server.auth.provider import TokenVerifier
from mcp.server.auth.settings import AuthSettings as ResourceServer
from mcp.server.extension import Extension
from mcp.server.mcpserver import Context, MCPServer, RequestStateSecurity
from mcp.server.mcpserver.tools import Tool
from mcp_types import CallToolResult, InputRequiredResult

from domain.refusals import refuse
from mcp_server.call_line import call_line
from mcp_server.errors import failed, reasons_for
from mcp_server.identity import Callers
from mcp_server.stale_answers import StaleAnswers
from mcp_server.tools.description import expected_arguments

NAME = "SignupAssist"

INSTRUCTIONS = """\
SignupAssist signs a child up for a program the second its registration window opens.
The usual way: find_programs, list_children (or add_child), get_profile (or update_profile),
get_payment_method (or start_card_setup), then schedule_registration. Show the summary it returns
to the parent word for word and name the success fee; only when the parent agrees, call
confirm_registration with the digest and the fee. From then on nobody needs to be awake:
get_registration tells the outcome. Amounts are in cents. Never invent ids, times or personal
facts, and never take card numbers in the chat.
A failed call says why, one sentence and code a reason; the codes are stable.
"""

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class ToolCalls(MCPServer[Any]):
    """The SDK's server, with one place where calls come in and answers go out."""

    def __init__(
        self,
        tools: list[Tool],
        callers: Callers,
        auth: ResourceServer,
        token_verifier: TokenVerifier,
        questions: RequestStateSecurity | None,
        extensions: Sequence[Extension] = (),
    ) -> None:
        super().__init__(
            NAME,
            title=NAME,
            instructions=INSTRUCTIONS,
            tools=tools,
            auth=auth,
            token_verifier=token_verifier,
            # Nothing here changes by itself, and a listener would hold a connection for ever.
            subscriptions=False,
            request_state_security=questions,
            extensions=extensions,
        )
        self._callers = callers
        self._expected = {tool.name: expected_arguments(tool) for tool in tools}
        # Before the seal of the SDK, which refuses them without reaching a tool.
        self.middleware.insert(0, StaleAnswers(frozenset(self._expected)))

    async def call_tool(
        self,
        name: str,
        arguments: dict[str, Any],
        context: Context[Any, Any] | None = None,
    ) -> CallToolResult | InputRequiredResult:
        """The tool's answer, or its failure as an answer. Logs one line, without the arguments."""
        tool = name if name in self._expected else "unknown"
        with call_line(_log, "tool_call", tool=tool) as line:
            try:
                line.user_id = await self._callers.identify()
                self._check_names(name, arguments)
                answer = await super().call_tool(name, arguments, context)
            except Exception as error:  # noqa: BLE001 - every failure must reach the chat in words
                reasons = reasons_for(error, tool, self._expected.get(name))
                line.outcome = reasons[0].code
                return failed(reasons)
            line.outcome = "asked" if isinstance(answer, InputRequiredResult) else "ok"
            return answer

    def _check_names(self, name: str, arguments: dict[str, Any]) -> None:
        """Refuse an argument the tool does not take.

        Ignoring it would be worse: a misspelt `time_zone` would book at another hour.
        """
        expected = self._expected.get(name)
        if expected is None or arguments.keys() <= expected.keys():
            return
        takes = ", ".join(expected) if expected else "none"
        raise refuse("invalid_argument", f"An argument is not one of this tool's: {takes}.")
