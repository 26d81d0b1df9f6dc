"""What parents do in a soak: the moment at which they do it is drawn."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress

from bench.families import CARD
from domain.refusals import Refused
from tests.chaos.case import Case
from tests.chaos.later_stories import (
    APPROVAL_ASKED,
    DECIDED_BY_A_PERSON,
    GIVEN_BACK,
    TAKEN_BACK,
)
from tests.chaos.stories import BOOKED, FEE_PAID_LATER, LATER, Story
from tests.chaos.timing import UNHURRIED

LAST_MOMENT_S = 30.0
"""A parent changes their mind anywhere from the confirm to past the opening."""

MOST_TWINS = 6

Act = Callable[[Case], Awaitable[None]]


def drawn_story(draw: random.Random) -> Story:
    """One of them, with its moment."""
    moment_s = draw.uniform(0, LAST_MOMENT_S)
    twins = draw.randint(2, MOST_TWINS)
    kinds: list[tuple[float, Story]] = [
        (0.32, BOOKED),
        (0.14, Story("confirmed by several at once", _by_several(twins, moment_s))),
        (0.12, Story("cancelled at some moment", _at(moment_s, _cancel), timing=UNHURRIED)),
        (0.08, Story("moved at some moment", _at(moment_s, _move), timing=UNHURRIED)),
        (0.04, Story("withdrawn at some moment", _at(moment_s, _withdraw), timing=UNHURRIED)),
        (0.09, Story("card changed at some moment", _at(moment_s, _save_card))),
        (0.09, FEE_PAID_LATER),
        (0.04, Story("never confirmed", _nothing)),
        (0.03, GIVEN_BACK),
        (0.03, TAKEN_BACK),
        (0.01, APPROVAL_ASKED),
        (0.01, DECIDED_BY_A_PERSON),
    ]
    shares, stories = zip(*kinds, strict=True)
    return draw.choices(stories, shares)[0]


def _by_several(twins: int, again_after_s: float) -> Act:
    async def play(case: Case) -> None:
        await asyncio.gather(*(case.confirm() for _ in range(twins)))
        await asyncio.sleep(again_after_s)
        with suppress(Refused):  # it has ended otherwise
            await case.confirm()

    return play


def _at(moment_s: float, act: Act) -> Act:
    async def play(case: Case) -> None:
        await case.confirm()
        await asyncio.sleep(moment_s)
        with suppress(Refused):  # too late, or over
            await act(case)

    return play


async def _cancel(case: Case) -> None:
    await case.cancel()


async def _move(case: Case) -> None:
    await case.move(LATER)


async def _withdraw(case: Case) -> None:
    await case.withdraw()


async def _save_card(case: Case) -> None:
    await case.save_card(CARD)


async def _nothing(case: Case) -> None:
    del case
