"""Asking one thing of many without asking all at once."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

T = TypeVar("T")
Answer = TypeVar("Answer")

UNHURRIED = 10
"""Questions in flight: an operator's look must not crowd out an opening."""


async def of_each(
    things: Iterable[T], ask: Callable[[T], Awaitable[Answer]], *, at_once: int = UNHURRIED
) -> list[Answer]:
    """The answers, in the order of the things.

    Args:
        things: what is asked about.
        ask: the question.
        at_once: so many questions are in flight at most; above 0.

    Raises:
        The first failure by that order, once every question has ended: one that fails keeps the
        others from nothing, and leaves none behind.
    """
    turns = asyncio.Semaphore(at_once)

    async def in_turn(thing: T) -> Answer:
        async with turns:
            return await ask(thing)

    ended = await asyncio.gather(*map(in_turn, things), return_exceptions=True)
    answers: list[Answer] = []
    for one in ended:
        if isinstance(one, BaseException):
            raise one
        answers.append(one)
    return answers
