"""What Temporal answers to an update, in the front door's own terms."""

from collections.abc import Awaitable
from typing import TypeVar

from temporalio.client import (
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from domain.errors import WorkflowsUnreachable
from domain.refusals import Reason, Refused

T = TypeVar("T")


async def answered(asking: Awaitable[T]) -> T:
    """The update's answer.

    Raises:
        Refused: a validator's sentence and code.
        WorkflowsUnreachable: no answer in time; the request itself is durable.
        RPCError: only NOT_FOUND, there is no such running workflow.
    """
    try:
        return await asking
    except WorkflowUpdateFailedError as failed:
        raise Refused(_said(failed.cause)) from failed
    except WorkflowUpdateRPCTimeoutOrCancelledError as late:
        raise WorkflowsUnreachable(
            "The request was handed over but not answered in time. Ask again in a moment: "
            "the same call does no harm."
        ) from late
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            raise
        raise WorkflowsUnreachable(
            "The scheduling service does not answer. Nothing is lost: ask again in a moment."
        ) from error


def _said(cause: BaseException) -> Reason:
    if isinstance(cause, ApplicationError):
        return Reason(code=cause.type or "refused", sentence=cause.message)
    return Reason(code="refused", sentence="The registration ended before it could answer.")
