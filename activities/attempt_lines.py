"""One line in the log for every attempt of an activity, once it has ended."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

import structlog
from temporalio import activity
from temporalio.exceptions import ApplicationError, CancelledError
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from domain.job_orders import JobOrder

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class AttemptLines(Interceptor):
    """Says what was done, for which workflow, how it ended and how long it took.

    Nothing is written, bound or made before the end: an activity that waits for its instant must
    find the process as it would be without this.
    """

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002 - the SDK's word
        return _Attempt(next)


class _Attempt(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002 - the SDK's word
        began = time.perf_counter()
        try:
            answer = await super().execute_activity(input)
        except (asyncio.CancelledError, CancelledError):
            _ended(began, "cancelled", input.args)
            raise
        except BaseException as error:
            _ended(began, "failed", input.args, error)
            raise
        _ended(began, "completed", input.args)
        return answer


def _ended(
    began: float, outcome: str, told: Sequence[Any], error: BaseException | None = None
) -> None:
    info = activity.info()
    facts: dict[str, object] = {
        "activity": info.activity_type,
        "workflow_id": info.workflow_id,
        "attempt": info.attempt,
        "outcome": outcome,
        "duration_ms": round((time.perf_counter() - began) * 1000, 1),
    }
    if told and isinstance(told[0], JobOrder) and told[0].due is not None:
        facts["due"] = told[0].due
    if error is None:
        _log.info("attempt", **facts)
    else:
        _log.warning("attempt", **facts, error=_type(error), exc_info=error)


def _type(error: BaseException) -> str:
    """As the retry policies name it."""
    named = error.type if isinstance(error, ApplicationError) else None
    return named or type(error).__name__
