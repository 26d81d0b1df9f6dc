"""Which of our errors an answer of the data API means. Decided here and nowhere else.

| answer | becomes |
|---|---|
| SQLSTATE PT409 | `Conflict` |
| SQLSTATE PT404 | `RecordMissing` |
| SQLSTATE PT422, the rule in the hint | `RecordRejected(rule)`; `clear_field`: `FieldInTheClear` |
| SQLSTATE PT423 | `BookingsPaused`: the call may be repeated |
| 401, 403, SQLSTATE 42501, PGRST… | `RecordsMisconfigured`: an operator must act, then repeat |
| any other refusal | `RecordRejected(its code)` |
| 429, 5xx, no answer, an unreadable one | `RecordsUnavailable`: the call may be repeated |
"""

import httpx
from postgrest.exceptions import APIError

from domain.errors import (
    BookingsPaused,
    Conflict,
    RecordMissing,
    RecordRejected,
    RecordsError,
    RecordsMisconfigured,
    RecordsUnavailable,
)
from domain.field_errors import FieldInTheClear

MESSAGE_LIMIT = 200
"""No error text is longer, in characters."""

_TOO_MANY_REQUESTS = 429
_SERVER_FAULTS = 500


async def refuse_by_status(response: httpx.Response) -> None:
    """Stop at a status that decides alone; the body of such an answer is never read.

    An httpx response hook: supabase-py does not tell the HTTP status of a JSON error, and a
    server fault must never be taken for a refusal.

    Raises:
        RecordsUnavailable: 429 or 5xx.
        RecordsMisconfigured: 401 or 403.
    """
    status = response.status_code
    if status == _TOO_MANY_REQUESTS or status >= _SERVER_FAULTS:
        raise RecordsUnavailable(f"the data API answered {status}")
    if status in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
        raise RecordsMisconfigured(f"the data API refused our key or its rights (HTTP {status})")


def refusal(function: str, failure: APIError) -> RecordsError:
    """What a refused call of that function means.

    Only what our own functions wrote themselves is passed on: Postgres' own messages and every
    `details` quote the row.
    """
    code = failure.code or "unknown"
    written_by_us = bounded(failure.message or function)
    match code:
        case "PT409":
            return Conflict(written_by_us)
        case "PT404":
            return RecordMissing(written_by_us)
        case "PT422" if failure.hint == "clear_field":
            return FieldInTheClear()
        case "PT422":
            return RecordRejected(bounded(failure.hint or code), written_by_us)
        case "PT423":
            return BookingsPaused(written_by_us)
        case "42501":
            return RecordsMisconfigured(f"{function} is not allowed with our key")
        case _ if code.startswith("PGRST"):
            # The API does not know the function, or not yet: a release half deployed.
            return RecordsMisconfigured(bounded(f"{function} was refused ({code})"))
        case _:
            return RecordRejected(bounded(code), bounded(f"{function} was refused ({code})"))


def bounded(text: str) -> str:
    """The text on one line, cut to the limit."""
    line = " ".join(text.split())
    return line if len(line) <= MESSAGE_LIMIT else f"{line[: MESSAGE_LIMIT - 1]}…"
