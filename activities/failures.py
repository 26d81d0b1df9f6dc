"""The one translation of an outside error into Temporal's terms.

The type name is the error's class name, which the retry policies name; the text is bounded and
never personal, because the errors' own messages are. What lies behind an error is in the log, by
types and frames; no history takes it.
"""

import traceback
from datetime import timedelta
from typing import Any

from temporalio.exceptions import ApplicationError, FailureError
from temporalio.service import RPCError
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from domain.backup_errors import (
    BackupDamaged,
    BackupKeyUnknown,
    BackupMissing,
    BackupsNotConfigured,
)
from domain.errors import (
    BookingsPaused,
    Conflict,
    MailUndelivered,
    OutsideError,
    RecordMissing,
    RecordRejected,
    Rejected,
    Throttled,
    Unauthorised,
    WorkflowsUnreachable,
)

MAX_TEXT = 300
"""Characters of an error's text that reach a history."""

PERMANENT: tuple[type[OutsideError], ...] = (
    Conflict,
    RecordMissing,
    RecordRejected,
    Rejected,
    Unauthorised,
    BackupsNotConfigured,
    BackupMissing,
    BackupKeyUnknown,
    BackupDamaged,
)
"""Errors that the same call cannot outgrow. Refused keys of ours are none: an operator mends
them, and then the same call goes through."""


def unanswered(error: RPCError) -> WorkflowsUnreachable:
    """Temporal itself was asked something, and gave no answer."""
    return WorkflowsUnreachable(f"Temporal did not answer ({error.status.name})")


def as_failure(
    error: OutsideError, *, passing: tuple[type[OutsideError], ...] = ()
) -> ApplicationError:
    """The failure to raise from an activity; throttling and a pause say when to ask again.

    Args:
        error: what went wrong outside.
        passing: permanent errors that this activity outgrows, because its repeat reads anew.
    """
    permanent = isinstance(error, PERMANENT) or (
        isinstance(error, MailUndelivered) and error.permanent
    )
    pause: timedelta | None = error.wait if isinstance(error, Throttled | BookingsPaused) else None
    return ApplicationError(
        str(error)[:MAX_TEXT],
        type=type(error).__name__,
        non_retryable=permanent and not isinstance(error, passing),
        next_retry_delay=pause,
    )


class BareFailures(Interceptor):
    """Lets no failure of an activity into a history with its causes, nor with a bug's own words.

    Both may quote what a vendor answered, or a row, and the SDK writes down the whole chain.
    """

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002 - the SDK's word
        return _Bare(next)


class _Bare(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002 - the SDK's word
        try:
            return await super().execute_activity(input)
        except FailureError as failure:
            raise failure from None
        except Exception as bug:  # noqa: BLE001 - whatever it is, its words stay here
            raise ApplicationError(located(bug), type=type(bug).__name__) from None


def located(bug: Exception) -> str:
    """What it is and where it happened. Its own words stay out: they may quote a row."""
    frame = traceback.extract_tb(bug.__traceback__)[-1]
    return f"{type(bug).__name__} in {frame.filename.rpartition('/')[2]}, line {frame.lineno}"
