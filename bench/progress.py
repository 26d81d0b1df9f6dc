"""How a long measurement goes, on stderr."""

import asyncio
import time
from collections.abc import Awaitable, Iterable
from typing import TypeVar

from rich.console import Console

LINE_EVERY_S = 10.0

T = TypeVar("T")


class Progress:
    """A line for each step, with the minutes since the start."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False, soft_wrap=True)
        self._began = time.monotonic()
        self._heading = ""

    def begin(self, heading: str) -> None:
        """What the following lines are about."""
        self._heading = heading

    def say(self, words: str) -> None:
        """One line."""
        minutes, seconds = divmod(int(time.monotonic() - self._began), 60)
        self._console.print(f"[dim]{minutes:3}:{seconds:02}[/] {self._heading} {words}")

    async def each(self, what: str, work: Iterable[Awaitable[T]], at_once: int) -> list[T]:
        """Do all of it, so many at a time, and tell now and then how far it is."""
        turns = asyncio.Semaphore(at_once)
        todo = list(work)
        done, told = 0, time.monotonic()

        async def in_turn(one: Awaitable[T]) -> T:
            nonlocal done, told
            async with turns:
                result = await one
            done += 1
            if time.monotonic() - told > LINE_EVERY_S:
                told = time.monotonic()
                self.say(f"{what}: {done:,} of {len(todo):,}")
            return result

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(in_turn(one)) for one in todo]
        return [task.result() for task in tasks]
