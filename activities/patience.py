"""Waiting for an answer no longer than there is time, without breaking off what was asked."""

import asyncio
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any, TypeVar

T = TypeVar("T")

_left_behind: set[asyncio.Task[Any]] = set()
"""Held, because the event loop itself holds tasks weakly."""


async def finished_within(time: timedelta, asked: Coroutine[Any, Any, T]) -> T | None:
    """The answer; None where it did not come in time.

    What is left behind goes on by itself, and nobody hears of its answer. An error that comes in
    time is raised.
    """
    answer = asyncio.create_task(asked)
    await asyncio.wait([answer], timeout=max(time, timedelta()).total_seconds())
    if answer.done():
        return answer.result()
    _left_behind.add(answer)
    answer.add_done_callback(_forget)
    return None


def _forget(answer: asyncio.Task[Any]) -> None:
    _left_behind.discard(answer)
    if not answer.cancelled():
        answer.exception()
