"""The one line in the log of each call."""

import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

import structlog


@dataclass
class CallLine:
    """What is known of a call by its end. Never its arguments."""

    outcome: str = "abandoned"
    """`ok`, or the code of what it failed with; as it begins where nobody waited for the end."""
    user_id: UUID | None = None


@contextmanager
def call_line(log: structlog.stdlib.BoundLogger, event: str, **called: str) -> Generator[CallLine]:
    """Written at the end of the block, however that comes, with how long it took.

    Args:
        log: of whoever serves the call.
        event: the line's name.
        called: what was called.
    """
    line, started = CallLine(), time.perf_counter()
    try:
        yield line
    finally:
        log.info(
            event,
            **called,
            outcome=line.outcome,
            duration_ms=round((time.perf_counter() - started) * 1000, 1),
            user_id=line.user_id,
        )
