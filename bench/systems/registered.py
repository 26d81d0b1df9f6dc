"""Measuring a system that books what families have confirmed beforehand."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from bench.arrivals import Arrivals
from bench.complaint import BenchError
from bench.database import RowSeen
from bench.families import Family
from bench.opening import Opening, Place, announce, drafted
from bench.systems.ground import Ground, Measured, Plan
from bench.systems.observation import LOOK_S, Observation, due_instants, until_done
from bench.world import World
from domain.answers import DraftAnswer
from domain.timing import Timing
from sandbox.program import Child, Program

AT_ONCE = 12
"""Drafts and confirmations in flight: preparing is not what is measured."""

CONFIRM_S = 0.18
"""How long one is reckoned to take before any was measured."""
ALLOWANCE = 1.25
SPARE = timedelta(seconds=3)
MARGIN = timedelta(seconds=5)
"""Part of every head start, so that a reckoning may be a little off."""

CONFIRMED_WITHIN_S = 120
TOO_LATE = "confirmed too late to be undisturbed"

Meanwhile = Callable[[Opening, Sequence[UUID], Sequence[Child]], Coroutine[Any, Any, None]]


class Way(Protocol):
    """How such a system is run, and how it takes a confirmation."""

    @property
    def name(self) -> str: ...

    def programs(self, world: World) -> list[Program]:
        """Its own processes."""
        ...

    def head_start(self, timing: Timing) -> timedelta:
        """How long before the opening all must be confirmed."""
        ...

    async def confirm(self, world: World, family: Family, draft: DraftAnswer) -> None:
        """Hand the draft over; the row is, or will soon be, pending."""
        ...


@dataclass(frozen=True)
class Observed:
    """All that was seen of one run."""

    measured: Measured
    opening: Opening
    ids: Sequence[UUID]
    """In the order of the opening's places."""
    rows: Mapping[UUID, RowSeen]
    arrivals: Arrivals
    due: Mapping[str, datetime]


class Registered:
    """One run of such a system.

    Args:
        ground: where.
        plan: how many.
        way: how.
        meanwhile: done from the last confirmation on, beside the waiting; it gets the opening,
            the registrations and the system's processes.
    """

    def __init__(
        self, ground: Ground, plan: Plan, way: Way, meanwhile: Meanwhile | None = None
    ) -> None:
        self._plan, self._way, self._meanwhile = plan, way, meanwhile
        self._ground, self._world = ground, ground.world

    async def observe(self) -> Observed:
        """Prepare, wait for the opening, and look at everybody's account of it.

        Where preparing took longer than reckoned, all is done once more.

        Raises:
            BenchError: drafts were not confirmed in the end.
        """
        observed = await self._once()
        if TOO_LATE in observed.measured.detail.failures:
            self._world.progress.say("preparing took longer than reckoned: once more")
            observed = await self._once()
        return observed

    async def _once(self) -> Observed:
        families = await self._ground.families.first(self._plan.n)
        with self._world.running(self._way.programs(self._world)) as children:
            began = time.monotonic()
            opening = await self._announced(families)
            ids = await self._confirmed(opening)
            prepared_in = time.monotonic() - began
            self._reckon(prepared_in)
            head_start = self._way.head_start(self._world.timing) - MARGIN
            in_time = datetime.now(UTC) <= opening.at - head_start
            self._world.progress.say(f"{len(ids):,} confirmed in {prepared_in:.0f} s")
            async with asyncio.TaskGroup() as group:
                if self._meanwhile is not None:
                    group.create_task(self._meanwhile(opening, ids, children))
                waiting = group.create_task(
                    until_done(self._world, opening, ids, self._way.name, children)
                )
            since = (datetime.now(UTC) - opening.at).total_seconds()
            self._world.progress.say(f"all ended {since:.0f} s after the opening; closing")
            closed = await self._world.until_closed()
        done = waiting.result()
        due = due_instants(opening, ids, done.rows)
        seen = Observation(self._plan, self._way.name, opening, done, due)
        arrivals = self._ground.ledger.read(list(due))
        trouble = () if in_time else (TOO_LATE,)
        measured = seen.measured(arrivals, prepared_in, closed, trouble)
        return Observed(measured, opening, ids, done.rows, arrivals, due)

    async def _announced(self, families: Sequence[Family]) -> Opening:
        each = self._ground.confirm_s.get(self._way.name, CONFIRM_S)
        reckoned = timedelta(seconds=each * self._plan.n) + SPARE
        at = datetime.now(UTC) + reckoned + self._way.head_start(self._world.timing)
        whole = datetime.fromtimestamp(math.ceil(at.timestamp()), UTC)
        return await announce(self._world, families, whole, accounts=self._plan.spread_over)

    async def _confirmed(self, opening: Opening) -> list[UUID]:
        ids = await confirmed(self._world, opening.places, self._way.confirm)
        deadline = time.monotonic() + CONFIRMED_WITHIN_S
        while self._world.database.unconfirmed(ids):
            if time.monotonic() > deadline:
                raise BenchError(f"{self._way.name} left drafts unconfirmed; see its log.")
            await asyncio.sleep(LOOK_S)
        return ids

    def _reckon(self, prepared_in: float) -> None:
        """What few take says little: a crowd is confirmed faster, each."""
        if self._plan.n >= AT_ONCE * 4:
            each = prepared_in / self._plan.n * ALLOWANCE
            self._ground.confirm_s[self._way.name] = each


Confirm = Callable[[World, Family, DraftAnswer], Awaitable[None]]


async def confirmed(world: World, places: Sequence[Place], confirm: Confirm) -> list[UUID]:
    """Draft and confirm all, in the order of the places as far as that goes with many at once."""

    async def one(place: Place) -> UUID:
        draft = await drafted(world, place)
        await confirm(world, place.family, draft)
        return draft.registration_id

    return await world.progress.each("confirmed", [one(place) for place in places], AT_ONCE)
