"""How the API says no: the reasons that a chat would get, under a status of their own."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response, status
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.responses import Response as PlainResponse

from domain.frozen import Frozen
from domain.refusals import Reason
from mcp_server.errors import ErrorAnswer, ErrorBody, reasons_for

RETRY_AFTER_S = 1

_STATUS = {
    "invalid_argument": status.HTTP_422_UNPROCESSABLE_CONTENT,
    "not_found": status.HTTP_404_NOT_FOUND,
    "temporarily_unavailable": status.HTTP_503_SERVICE_UNAVAILABLE,
    "internal_error": status.HTTP_500_INTERNAL_SERVER_ERROR,
}
"""Of a reason's code; a refusal for any other reason is a 409."""


class NoToken(Frozen):
    """The answer to whoever has no good token, or one that does not grant enough."""

    error: str
    error_description: str


RESPONSES: dict[int | str, dict[str, Any]] = {
    status.HTTP_401_UNAUTHORIZED: {"model": NoToken, "description": "No good token."},
    status.HTTP_403_FORBIDDEN: {
        "model": NoToken,
        "description": "The token does not grant `registrations`.",
    },
    status.HTTP_404_NOT_FOUND: {
        "model": ErrorAnswer,
        "description": "`not_found`: nothing like it in this account.",
    },
    status.HTTP_409_CONFLICT: {
        "model": ErrorAnswer,
        "description": "Refused, and nothing was changed: each reason has a code and a sentence.",
    },
    status.HTTP_422_UNPROCESSABLE_CONTENT: {
        "model": ErrorAnswer,
        "description": "`invalid_argument`: what was sent cannot be used.",
    },
    status.HTTP_500_INTERNAL_SERVER_ERROR: {
        "model": ErrorAnswer,
        "description": "`internal_error`: our fault; it has been noted.",
    },
    status.HTTP_503_SERVICE_UNAVAILABLE: {
        "model": ErrorAnswer,
        "description": "`temporarily_unavailable`: the very same request may be sent again.",
    },
}
"""What every path of the API may answer beside what it is for."""


class AnsweringRoute(APIRoute):
    """A route that answers every failure with reasons. What it answers is kept nowhere."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's own handler, with its failures in our words."""
        handle = super().get_route_handler()

        async def answered(request: Request) -> Response:
            try:
                answer = await handle(request)
            except Exception as error:  # noqa: BLE001 - every failure must reach the caller in words
                answer = _refusal(error, self.name)
            answer.headers["Cache-Control"] = "no-store"
            return answer

        return answered


def _refusal(error: Exception, name: str) -> Response:
    reasons = (
        _invalid(error)
        if isinstance(error, RequestValidationError)
        else reasons_for(error, name, {})
    )
    code = _STATUS.get(reasons[0].code, status.HTTP_409_CONFLICT)
    busy = code == status.HTTP_503_SERVICE_UNAVAILABLE
    return PlainResponse(
        ErrorAnswer(error=ErrorBody(reasons=reasons)).model_dump_json(),
        status_code=code,
        headers={"Retry-After": str(RETRY_AFTER_S)} if busy else {},
        media_type="application/json",
    )


def _invalid(error: RequestValidationError) -> tuple[Reason, ...]:
    """One reason a parameter. FastAPI's own words are not used: they quote the input."""
    names = dict.fromkeys(str(fault["loc"][-1]) for fault in error.errors())
    return tuple(
        Reason(
            code="invalid_argument",
            sentence=f"{name} cannot be used. See what it must be in the description of the API.",
            field=name,
        )
        for name in names
    )
