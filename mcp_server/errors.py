"""What a chat is told when a call fails: a sentence for the parent, a code for programs."""

from collections.abc import Mapping

import structlog
from mcp.server.mcpserver.exceptions import ToolError, UnexpectedToolError
from mcp_types import CallToolResult, TextContent
from pydantic import ValidationError

from domain.errors import (
    Conflict,
    OutsideError,
    PayloadError,
    PaymentMisconfigured,
    RecordMissing,
    RecordRejected,
)
from domain.frozen import Frozen
from domain.refusals import Reason, Refused

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)

_NOT_WORTH_REPEATING = (PayloadError, PaymentMisconfigured, RecordMissing, RecordRejected)
"""Failures of the outside that only an operator can end."""


class ErrorBody(Frozen):
    """Every reason why the call failed."""

    reasons: tuple[Reason, ...]


class ErrorAnswer(Frozen):
    """The structured content of a failed call."""

    error: ErrorBody


def failed(reasons: tuple[Reason, ...]) -> CallToolResult:
    """The tool result of a failed call: the words, and the same for programs."""
    words = "\n".join(f"{reason.sentence} ({reason.code})" for reason in reasons)
    answer = ErrorAnswer(error=ErrorBody(reasons=reasons))
    return CallToolResult(
        content=[TextContent(type="text", text=words)],
        structured_content=answer.model_dump(mode="json"),
        is_error=True,
    )


def reasons_for(
    error: Exception, tool: str, expected: Mapping[str, str] | None
) -> tuple[Reason, ...]:
    """Why the call failed, with nothing that the caller sent and nothing of our insides.

    `expected` says of each argument of the tool what it must be; None for an unknown tool.
    """
    cause = error.__cause__ if isinstance(error, ToolError) and error.__cause__ else error
    match cause:
        case ValidationError() if not isinstance(error, UnexpectedToolError):
            return _invalid(cause, expected or {})
        case Refused():
            return cause.reasons
        case Conflict():
            return _one(
                "changed_meanwhile", "This changed meanwhile. Look at it again, then decide."
            )
        case OutsideError() if not isinstance(cause, _NOT_WORTH_REPEATING):
            _log.warning("outside_failed", tool=tool, error=type(cause).__name__)
            return _one(
                "temporarily_unavailable",
                "A service behind this one did not answer. Wait a moment, then make the very "
                "same call again: repeating it does no harm.",
            )
        case ToolError() if expected is None:
            return _one("unknown_tool", "There is no such tool here. List the tools to see them.")
        case ToolError() if not isinstance(cause, UnexpectedToolError):
            # Of a known tool the SDK says so only of an answer to a question.
            return _one(
                "invalid_answer",
                "The answer to the question is neither yes nor no, so nothing was changed. Make "
                "the same call anew: you are asked again.",
            )
        case _:
            _log.error("tool_crashed", tool=tool, error=type(cause).__name__, exc_info=cause)
            return _one(
                "internal_error",
                "Something went wrong on our side; it has been noted. If it stays like this, "
                "write to support.",
            )


def _invalid(error: ValidationError, expected: Mapping[str, str]) -> tuple[Reason, ...]:
    """One reason an argument. Pydantic's own words are not used: they quote the input."""
    kinds: dict[str, str] = {}
    for fault in error.errors(include_input=False, include_context=False, include_url=False):
        kinds.setdefault(str(fault["loc"][0]) if fault["loc"] else "", fault["type"])
    return tuple(
        Reason(
            code="invalid_argument",
            sentence=(
                f"{name or 'The call'} {'is missing' if kind == 'missing' else 'cannot be used'}. "
                f"Expected: {expected.get(name, 'the arguments of this tool')}."
            ),
            field=name or None,
        )
        for name, kind in kinds.items()
    )


def _one(code: str, sentence: str) -> tuple[Reason, ...]:
    return (Reason(code=code, sentence=sentence),)
