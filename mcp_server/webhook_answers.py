"""What whoever sends a webhook is answered."""

from collections.abc import Awaitable

import structlog
from fastapi import Response, status

from domain.errors import WorkflowsUnreachable
from domain.frozen import Frozen

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class Taken(Frozen):
    """What is answered: one sentence."""

    message: str


class NotTaken(Exception):
    """It is not taken, and why.

    Attributes:
        code: the HTTP status.
        message: a sentence of ours.
    """

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


async def answered(taking: Awaitable[bool], response: Response) -> Taken:
    """The answer to a message; `taking` tells whether it is taken for the first time."""
    try:
        first = await taking
    except NotTaken as refused:
        _log.warning("webhook_refused", code=refused.code, why=refused.message)
        response.status_code = refused.code
        return Taken(message=refused.message)
    except WorkflowsUnreachable:
        _log.warning("webhook_not_taken")
        response.status_code = status.HTTP_503_SERVICE_UNAVAILABLE
        return Taken(message="It cannot be taken just now. Send it again.")
    return Taken(message="Taken." if first else "Taken before.")
