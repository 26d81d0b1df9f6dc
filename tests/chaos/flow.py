"""Registrations that begin one after the other and live side by side."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from bench.complaint import BenchError
from domain.errors import OutsideError
from domain.refusals import Refused
from tests.chaos.case import Case
from tests.chaos.ground import Ground
from tests.chaos.stories import Story

ENDS_WITHIN_S = 240.0
"""After its story: activities of a dead worker that do not beat wait for their time-outs."""

Key = TypeVar("Key")


@dataclass(frozen=True)
class Wish(Generic[Key]):
    """One registration to come.

    Attributes:
        key: what it is to whoever asks for it.
        prepare: what is done to its world once it is drafted, before it is confirmed.
    """

    key: Key
    story: Story
    prepare: Callable[[Case], Awaitable[None]]
    capacity: int = 10


class Flow:
    """Plays wishes at a pace, and never more than there are accounts.

    Attributes:
        refused: how often the front door said no for good.
        unanswered: stories that a parent gave up, because nobody answered.
    """

    def __init__(self, ground: Ground, apart_s: float) -> None:
        self._ground = ground
        self._apart_s = apart_s
        self.refused: dict[str, int] = {}
        self.unanswered = 0

    async def played(self, wishes: Iterable[Wish[Key]]) -> dict[Key, Case]:
        """The registrations, by key, once each has ended or has had its time."""
        cases: dict[Key, Case] = {}
        loop = asyncio.get_running_loop()
        due = loop.time()
        async with asyncio.TaskGroup() as playing:
            for wish in wishes:
                await asyncio.sleep(max(due - loop.time(), 0))
                due = max(due, loop.time() - 1) + self._apart_s
                playing.create_task(self._play(wish, cases))
        return cases

    async def _play(self, wish: Wish[Key], cases: dict[Key, Case]) -> None:
        story = wish.story
        case = await self._ground.case(story.timing, story.card, wish.capacity)
        cases[wish.key] = case
        try:
            await wish.prepare(case)
            await story.play(case)
            await self._ground.board.until(case.id, lambda seen: seen.ended, ENDS_WITHIN_S)
        except Refused as refused:
            for reason in refused.reasons:
                self.refused[reason.code] = self.refused.get(reason.code, 0) + 1
        except (OutsideError, BenchError):
            self.unanswered += 1
        finally:
            self._ground.done_with(case, again=story.card_stays)
