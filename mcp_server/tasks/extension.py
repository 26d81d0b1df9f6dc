"""The extension itself: who gets a task, and what may be asked of one."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

import structlog
from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.server.extension import Extension, MethodBinding
from mcp.server.mcpserver import require_client_extension
from mcp.server.mcpserver.tools import Tool
from mcp_types import CallToolRequestParams, CallToolResult, RequestParams
from mcp_types.version import MODERN_PROTOCOL_VERSIONS
from pydantic import StrictStr

from activities.clock import Clock, SystemClock
from domain.errors import OutsideError
from domain.refusals import Refused
from front_door.changes import Changes
from front_door.registrations import Registrations
from mcp_server.call_line import call_line
from mcp_server.identity import Callers
from mcp_server.tasks.refusals import UNKNOWN, as_error, as_reasons
from mcp_server.tasks.standing import task_of
from mcp_server.tasks.task import Task, TaskStatus

IDENTIFIER = "io.modelcontextprotocol/tasks"

CONFIRM = "confirm_registration"

VERSIONS = frozenset(MODERN_PROTOCOL_VERSIONS)
"""Of the protocol. What 2025-11-25 calls `tasks/get` is something else, and not served."""

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class TaskParams(RequestParams):
    """Which task."""

    task_id: StrictStr


class UpdateParams(TaskParams):
    """Answers to questions. No task asks any."""

    input_responses: dict[str, Any]


class RegistrationTasks(Extension):
    """Registrations as tasks. Nothing of a task is kept here: any process answers for any."""

    identifier = IDENTIFIER

    def __init__(
        self,
        registrations: Registrations,
        changes: Changes,
        callers: Callers,
        tools: Sequence[Tool],
        clock: Clock | None = None,
    ) -> None:
        """`tools` are those of the server; the call of one of them becomes a task."""
        self._registrations = registrations
        self._changes = changes
        self._callers = callers
        (self._confirm,) = [tool for tool in tools if tool.name == CONFIRM]
        self._clock = clock or SystemClock()

    def methods(self) -> Sequence[MethodBinding]:
        """What may be asked of a task, in the protocol that has this extension."""
        served: tuple[tuple[str, type[TaskParams], Callable[[UUID, UUID], Awaitable[Any]]], ...] = (
            ("tasks/get", TaskParams, self._get),
            ("tasks/update", UpdateParams, self._update),
            ("tasks/cancel", TaskParams, self._cancel),
        )
        return [
            MethodBinding(method, params, self._serving(method, act), VERSIONS)
            for method, params, act in served
        ]

    async def intercept_tool_call(
        self,
        params: CallToolRequestParams,
        ctx: ServerRequestContext[Any, Any],
        call_next: CallNext,
    ) -> HandlerResult:
        """Pass every call on. A confirm that was taken is a task to whoever declares tasks.

        What has its outcome already is answered at once, as it is to everybody else.
        """
        answer = await call_next(ctx)
        if params.name != CONFIRM or not _declared(ctx):
            return answer
        if not isinstance(answer, CallToolResult) or answer.is_error:
            return answer
        try:
            user_id = await self._callers.identify()
            task = await self._task(user_id, UUID(answer.structured_content["registration_id"]))
        except (OutsideError, Refused):
            return answer  # it is confirmed all the same, and a client takes either
        if task.status is not TaskStatus.WORKING:
            return answer
        return {"resultType": "task", **task.wire()}

    async def _get(self, user_id: UUID, task_id: UUID) -> dict[str, Any]:
        return (await self._task(user_id, task_id)).wire()

    async def _update(self, user_id: UUID, task_id: UUID) -> dict[str, Any]:
        """Nothing is outstanding, and answers to anything else are to be ignored."""
        await self._registrations.progress(user_id, task_id)
        return {}

    async def _cancel(self, user_id: UUID, task_id: UUID) -> dict[str, Any]:
        """As by the tool, while there is something to call off.

        A task that has ended stays as it is: a booked place is given back by the tool alone, with
        the parent's word for that.
        """
        await self._registrations.progress(user_id, task_id)
        await self._changes.call_off(user_id, task_id)
        return {}

    async def _task(self, user_id: UUID, registration_id: UUID) -> Task:
        progress = await self._registrations.progress(user_id, registration_id)
        return task_of(progress, self._confirm, self._clock.now())

    def _serving(
        self, method: str, act: Callable[[UUID, UUID], Awaitable[dict[str, Any]]]
    ) -> Callable[[ServerRequestContext[Any, Any], TaskParams], Awaitable[dict[str, Any]]]:
        """The method with who asks, what it fails with, and its line in the log."""

        async def serve(ctx: ServerRequestContext[Any, Any], params: TaskParams) -> dict[str, Any]:
            require_client_extension(ctx, IDENTIFIER)
            with call_line(_log, "task_call", method=method) as line:
                try:
                    line.user_id = user_id = await self._callers.identify()
                    answer = await act(user_id, _task_id(params.task_id))
                except Exception as error:  # noqa: BLE001 - every failure must reach the client in words
                    reasons = as_reasons(error, method)
                    line.outcome = reasons[0].code
                    raise as_error(reasons) from None
                line.outcome = "ok"
                return answer

        return serve


def _declared(ctx: ServerRequestContext[Any, Any]) -> bool:
    """Whether the client says of this very request that it takes tasks.

    A client of an older protocol is never heard to: a server without sessions is not told again
    what a session began with.
    """
    capabilities = ctx.session.client_capabilities
    return capabilities is not None and IDENTIFIER in (capabilities.extensions or {})


def _task_id(text: str) -> UUID:
    """The registration of that id, in its one spelling.

    Raises:
        Refused: `not_found`.
    """
    try:
        task_id = UUID(text)
    except ValueError:
        raise Refused(UNKNOWN) from None
    if str(task_id) != text:
        raise Refused(UNKNOWN)
    return task_id
