"""One registration of a run, as its parent sees it."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from uuid import UUID

import httpx

from bench.complaint import BenchError
from bench.families import Family, save_card
from bench.opening import Place, drafted, program_at
from bench.provider import organisation
from bench.world import World
from domain.answers import DraftAnswer
from domain.errors import OutsideError
from domain.programs import Program
from domain.refusals import Refused
from domain.timing import Timing
from starter import FrontDoor
from tests.chaos.board import Board, Seen

PATIENCE_S = 600.0
"""How long a parent asks again, and waits for what was promised: a worker is struck every second,
and what others' blows hold up is late by half a minute each time."""
AGAIN_S = 0.5
HEAD_START = timedelta(seconds=3)
"""From the draft to the wake: enough to confirm in."""
PASSES = {"temporarily_unavailable", "not_in_review", "provider_silent"}
"""Refusals that tell whoever asked to try again: a run whose worker died just after it wrote the
row does not know yet that it is in review."""

T = TypeVar("T")


@dataclass(frozen=True)
class Case:
    """A family, its wish, and the way to say so."""

    world: World
    door: FrontDoor
    timing: Timing
    board: Board
    browser: httpx.AsyncClient
    family: Family
    account: int
    program: Program
    draft: DraftAnswer

    @property
    def id(self) -> UUID:
        """Of the registration."""
        return self.draft.registration_id

    @classmethod
    async def drafted(
        cls,
        world: World,
        door: FrontDoor,
        timing: Timing,
        board: Board,
        browser: httpx.AsyncClient,
        family: Family,
        account: int,
        capacity: int = 10,
    ) -> "Case":
        """For an event of its own at that account, which opens as soon as the timing allows."""
        deadline = time.monotonic() + PATIENCE_S
        ahead = timing.lead + timing.longest_spread + timing.preparation + HEAD_START
        while True:
            program = program_at(account, datetime.now(UTC) + ahead)
            await asked(lambda program=program: _offered(world, account, program, capacity))
            wish = Place(family, account, program)
            try:
                draft = await asked(lambda wish=wish: drafted(world, wish))
            except Refused:  # the machine is so busy that the opening has passed meanwhile
                if time.monotonic() > deadline:
                    raise
            else:
                return cls(world, door, timing, board, browser, family, account, program, draft)

    @property
    def opens_in_s(self) -> float:
        """Seconds to the opening."""
        assert self.program.opens_at is not None
        return (self.program.opens_at - datetime.now(UTC)).total_seconds()

    async def confirm(self) -> None:
        """Say yes, again where no answer comes."""
        draft = self.draft
        await asked(
            lambda: self.door.changes.confirm(
                self.family.user_id,
                draft.registration_id,
                draft.summary_digest,
                draft.success_fee_cents,
            )
        )

    async def cancel(self) -> None:
        """Take it back."""
        await asked(lambda: self.door.changes.cancel(self.family.user_id, self.id))

    async def withdraw(self) -> None:
        """Permit it no longer."""
        await asked(lambda: self.door.registrations.revoke_mandate(self.family.user_id, self.id))

    async def move(self, by: timedelta) -> None:
        """Ask for another opening, so much later than now."""
        at = (datetime.now(UTC) + by).isoformat()
        await asked(
            lambda: self.door.changes.reschedule(
                self.family.user_id, self.id, at, "America/New_York"
            )
        )

    async def save_card(self, card: str) -> None:
        """Choose that test card."""
        await asked(lambda: save_card(self.door, self.browser, self.family, card))

    async def retry_fee(self) -> None:
        """Have the fee charged again."""
        await asked(lambda: self.door.changes.retry_fee(self.family.user_id, self.id))

    async def until(self, so: Callable[[Seen], bool]) -> bool:
        """Whether the row came to be so."""
        return await self.board.until(self.id, so, PATIENCE_S)

    async def comes_to(self, so: Callable[[Seen], bool]) -> bool:
        """Whether the row came to be so before it was over and done with."""
        await self.until(lambda seen: so(seen) or not seen.may_change)
        seen = self.board.at(self.id)
        return seen is not None and so(seen)


async def _offered(world: World, account: int, program: Program, capacity: int) -> None:
    records = world.door.records
    await records.save_provider_account(organisation(account))
    await records.save_program(program)
    await asyncio.to_thread(world.provider.put_events, [(account, program)], capacity)


async def asked(ask: Callable[[], Awaitable[T]]) -> T:
    """The answer, asked for again for as long as nobody gives one.

    Raises:
        Refused: the answer was no.
        OutsideError: there was none within the patience.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + PATIENCE_S
    while True:
        try:
            return await ask()
        except (OutsideError, BenchError, httpx.TransportError) as silent:
            if loop.time() > deadline:
                raise OutsideError("nobody answered in time") from silent
        except Refused as refused:
            passes = all(reason.code in PASSES for reason in refused.reasons)
            if not passes or loop.time() > deadline:
                raise
        await asyncio.sleep(AGAIN_S)
