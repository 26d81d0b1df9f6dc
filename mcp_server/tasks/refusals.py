"""The methods' failures, as errors of JSON-RPC."""

from mcp import MCPError
from mcp_types import INTERNAL_ERROR, INVALID_PARAMS

from domain.refusals import Reason, refuse
from mcp_server.errors import ErrorBody, reasons_for
from mcp_server.limits.turned_away import SERVER_SAYS_NO

UNKNOWN = refuse("not_found", "There is no such task in your account.").reasons
"""The one answer for an id of nobody's, of somebody else's, and of what is no task."""

_CODES = {
    "not_found": INVALID_PARAMS,
    "temporarily_unavailable": INTERNAL_ERROR,
    "internal_error": INTERNAL_ERROR,
}
"""By the first reason. Any other is a refusal: the task is known, and what is asked is not done."""


def as_reasons(error: Exception, method: str) -> tuple[Reason, ...]:
    """Why it failed, in the words that tools use."""
    reasons = reasons_for(error, method, {})
    return UNKNOWN if reasons[0].code == "not_found" else reasons


def as_error(reasons: tuple[Reason, ...]) -> MCPError:
    """The sentences as the message, and the reasons for programs."""
    return MCPError(
        code=_CODES.get(reasons[0].code, SERVER_SAYS_NO),
        message=" ".join(reason.sentence for reason in reasons),
        data=ErrorBody(reasons=reasons).model_dump(mode="json"),
    )
