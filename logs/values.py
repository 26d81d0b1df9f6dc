"""Which values a log line may show: by their type, and text only under names that are known."""

from datetime import datetime, timedelta
from enum import Enum
from typing import Any, cast
from uuid import UUID

from logs.frames import kind

OURS = frozenset(
    {
        # Of every line.
        *("level", "logger", "timestamp", "said_at", "raised"),
        # What was at work, as code and configuration name it.
        *("activity", "workflow", "workflow_id", "tool", "command", "method", "route"),
        *("part", "queues", "address", "build"),
        # What came of it: codes, and sentences of ours or of a vendor about our own set-up.
        *("outcome", "error", "finding", "unavailable", "why"),
        # A provider's number of a booking, by which an operator finds it.
        "booking_number",
    }
)
"""Names under which text is let through: nobody types it, and it is about nobody."""

LONGEST = 300
"""Characters of a text."""

MOST = 20
"""Items of a list."""


def shown(value: object, name: str | None = None) -> object:
    """The value as a line may hold it.

    Numbers, UUIDs, instants, durations and members of an enum are shown, an exception as its type.
    A day is not: it may be a birthday. Everything else becomes the name of its type, as `<str>`.
    """
    match value:
        case Enum():
            return value.value if isinstance(value.value, str | int) else value.name
        case None | bool() | int() | float():
            return value
        case UUID():
            return str(value)
        case datetime():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case str() if name in OURS:
            return value[:LONGEST]
        case BaseException():
            return kind(value)
        case list() | tuple() | set() | frozenset():
            items = list(cast("Any", value))
            return [shown(item, name) for item in items[:MOST]]
        case _:
            return f"<{type(value).__name__}>"
