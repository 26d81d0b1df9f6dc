"""The one translation of an outside error into Temporal's terms.

The type name is the error's class name, which the retry policies name; the text is bounded and
never personal, because the errors' own messages are.
"""

from datetime import timedelta

from temporalio.exceptions import ApplicationError

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
)

MAX_TEXT = 300
"""Characters of an error's text that reach a history."""

PERMANENT: tuple[type[OutsideError], ...] = (
    Conflict,
    RecordMissing,
    RecordRejected,
    Rejected,
    Unauthorised,
)
"""Errors that the same call cannot outgrow. Refused keys of ours are none: an operator mends
them, and then the same call goes through."""


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
