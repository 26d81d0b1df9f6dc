"""Asking one thing of many registrations without asking all at once."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

T = TypeVar("T")
Answer = TypeVar("Answer")

AT_ONCE = 10
"""Questions in flight: an operator's look must not crowd out an opening."""


async def of_each(things: Iterable[T], ask: Callable[[T], Awaitable[Answer]]) -> list[Answer]:
    """The answers, in order; raises the first failure."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def in_turn(thing: T) -> Answer:
        async with turns:
            return await ask(thing)

    return await asyncio.gather(*(in_turn(thing) for thing in things))
