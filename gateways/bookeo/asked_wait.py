"""How long a 429 asks for quiet."""

import math
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx
from pydantic import ValidationError

from gateways.bookeo.answer import Answer
from gateways.bookeo.models import Wire

DEFAULT_WAIT = timedelta(seconds=60)
"""The pause after a 429 that names none."""

LONGEST_WAIT = timedelta(hours=1)


class _RetryBody(Wire):
    retry_after: float


def asked_wait(answer: Answer) -> timedelta:
    """The pause a 429 asks for: `Retry-After`, else `retryAfter` in the body, else 60 s.

    Never negative, never above an hour.
    """
    hint = _header_wait(answer.headers)
    if hint is None:
        hint = _body_wait(answer.body)
    if hint is None or not math.isfinite(hint):
        return DEFAULT_WAIT
    return min(max(timedelta(), timedelta(seconds=min(hint, 1e6))), LONGEST_WAIT)


def _header_wait(headers: httpx.Headers) -> float | None:
    text = headers.get("Retry-After")
    if text is None:
        return None
    try:
        return float(text)
    except ValueError:
        pass
    try:
        until = parsedate_to_datetime(text)
        sent = parsedate_to_datetime(headers["Date"]) if "Date" in headers else datetime.now(UTC)
        return (until - sent).total_seconds()
    except (ValueError, TypeError):
        return None


def _body_wait(body: bytes) -> float | None:
    try:
        return _RetryBody.model_validate_json(body).retry_after
    except ValidationError:
        return None
