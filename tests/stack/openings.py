"""Five registrations that open at the same time, and how their parents confirmed them."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from tests.mcp_server.waiting import Waiting, handle
from tests.stack.parent import Answer, Draft, Parent, new_parent
from tests.stack.world import World

OPENS_IN = timedelta(seconds=8)
CLIENTS = 20


@dataclass(frozen=True)
class Confirmed:
    """A registration with the answer to each of its confirms."""

    parent: Parent
    draft: Draft
    answers: list[Answer]


@dataclass(frozen=True)
class Openings:
    """Confirmed before the opening; where they stand now is for each test to wait for."""

    twice: Confirmed
    """The same confirm one after the other."""
    twenty: Confirmed
    """The same confirm from twenty clients at once."""
    declined: Confirmed
    """Its card was saved without trouble and is declined when charged."""
    given_back: Confirmed
    """For one test alone, which cancels it: the bank asks the parent about its fee."""
    waited_for: Confirmed
    """By two chats: one takes it as a task, the other knows of none."""

    @classmethod
    async def confirmed(cls, world: World) -> Self:
        parents = [
            await new_parent(world, "ann"),
            await new_parent(world, "ben"),
            await new_parent(world, "cleo", card="declined_when_charged"),
            await new_parent(world, "dora", card="authentication_required"),
            await new_parent(world, "eve"),
        ]
        drafts = await asyncio.gather(*(parent.draft(OPENS_IN) for parent in parents))
        (ann, ben, cleo, dora, eve), (first, second, third, fourth, fifth) = parents, drafts
        twice, twenty, declined, given_back, waited_for = await asyncio.gather(
            _one_after_the_other(ann, first),
            asyncio.gather(*(ben.confirm(second) for _ in range(CLIENTS))),
            asyncio.gather(cleo.confirm(third)),
            asyncio.gather(dora.confirm(fourth)),
            _with_and_without_tasks(eve, fifth),
        )
        return cls(
            Confirmed(ann, first, twice),
            Confirmed(ben, second, list(twenty)),
            Confirmed(cleo, third, list(declined)),
            Confirmed(dora, fourth, list(given_back)),
            Confirmed(eve, fifth, waited_for),
        )


async def _one_after_the_other(parent: Parent, draft: Draft) -> list[Answer]:
    return [await parent.confirm(draft), await parent.confirm(draft)]


async def _with_and_without_tasks(parent: Parent, draft: Draft) -> list[Answer]:
    async with parent.chat(extensions=[Waiting()]) as chat:
        task = await handle(chat, draft.consent)
    return [task.model_dump(mode="json"), await parent.confirm(draft)]
