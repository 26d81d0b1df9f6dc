"""The answer to a request that is not even looked at."""

from typing import Annotated, Literal

from pydantic import Field
from starlette import status
from starlette.responses import Response

from domain.frozen import Frozen

SERVER_SAYS_NO = -32000
"""The first of the codes that JSON-RPC leaves to servers."""


class Why(Frozen):
    """One sentence."""

    code: int = SERVER_SAYS_NO
    message: Annotated[str, Field(description="what happened and what to do")]


class TurnedAway(Frozen):
    """A JSON-RPC error, which chat clients show; other clients read the same sentence in it."""

    jsonrpc: Literal["2.0"] = "2.0"
    id: None = None
    error: Why


def turned_away(
    code: int, sentence: str, *, retry_after_s: int | None = None, unread: bool = False
) -> Response:
    """The answer of that status.

    `unread` says that some of the request was left unread: the connection ends with the answer,
    or the rest would have to be waited for.
    """
    headers: dict[str, str] = {}
    if retry_after_s is not None:
        headers["Retry-After"] = str(retry_after_s)
    if unread:
        headers["Connection"] = "close"
    return Response(
        TurnedAway(error=Why(message=sentence)).model_dump_json(),
        status_code=code,
        headers=headers,
        media_type="application/json",
    )


ANYWHERE = {
    status.HTTP_408_REQUEST_TIMEOUT: "The request did not arrive in time.",
    status.HTTP_413_CONTENT_TOO_LARGE: "The request is too long.",
    status.HTTP_421_MISDIRECTED_REQUEST: "The request names a host that we are not.",
    status.HTTP_429_TOO_MANY_REQUESTS: "Too much at once; `Retry-After` says when to come again.",
}
"""What every path may answer, for the description of the HTTP interface."""
