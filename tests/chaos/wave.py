"""A wave of the crash matrix: cells of one recovery, side by side."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from tests.chaos.beside import beside
from tests.chaos.case import Case
from tests.chaos.cast import story_of
from tests.chaos.cells import BLOWS, Cell, Recovery
from tests.chaos.evidence import Findings, gather
from tests.chaos.flow import Flow, Wish
from tests.chaos.ground import Ground
from tests.chaos.invariants import Violation, booked_twice, in_review, untold, violations
from tests.chaos.sweeps import idle, swept
from tests.chaos.timing import TIMING
from tests.chaos.trap_plan import Trap
from tests.chaos.undone import left_undone
from tests.chaos.warden import Warden

APART_S = {
    Recovery.SAME_WORKER: 1.5,
    Recovery.OTHER_WORKER: 1.0,
    Recovery.SERVER_RESTART: 1.0,
    Recovery.PAUSED_WORKER: 1.0,
}
"""Between two cells: a worker that dies more often than it can start gets nothing done, so where
there is but one the blows come slower."""

ROUNDS = 5
"""A cell whose place was not reached is played again: another's blow had turned it off its way."""

UNREACHED = "the place was never reached: has its step a story?"

CLOSED_WITHIN_S = 660.0
"""Longer than a run waits for its fee or for a person."""
LOOKED_AT_AGAIN_AFTER_S = 3.0


@dataclass(frozen=True)
class Failed:
    """A cell that broke a promise, or was not what it says."""

    cell: Cell
    sentences: tuple[str, ...]


@dataclass
class Wave:
    """Plays the cells, and judges them together.

    Attributes:
        cases: the cells, by registration; each round of a cell has one of its own.
        passed: called once all cells have been played, and few are left that are played again.
    """

    ground: Ground
    recovery: Recovery
    cells: Sequence[Cell]
    cases: dict[UUID, Cell] = field(default_factory=dict[UUID, Cell])
    passed: Callable[[], None] = lambda: None

    async def failures(self) -> list[Failed]:
        """The cells that failed, each with its sentences."""
        await self.play(ROUNDS)
        failed = self.judged(*await judged_later(self.ground, list(self.cases)))
        failed += [Failed(cell, (UNREACHED,)) for cell in self.unreached()]
        for one in failed:
            self.ground.progress.say(f"FAILED {one.cell.name}: {'; '.join(one.sentences)}")
        return failed

    async def play(self, rounds: int, meanwhile: Awaitable[None] | None = None) -> None:
        """Strike, and see all of it to its end; other registrations may live meanwhile."""
        warden = Warden(self.ground.world.stack, self.ground.crew, self.recovery)
        async with beside(warden.watch()):
            await asyncio.gather(self._rounds(rounds), *([meanwhile] if meanwhile else []))
            await closed(self.ground)

    def unreached(self) -> list[Cell]:
        """Those whose place was not reached yet."""
        sprung = {trap.registration for trap in self.ground.plan.sprung()}
        reached = {cell for case, cell in self.cases.items() if case in sprung}
        return [cell for cell in self.cells if cell not in reached]

    async def _rounds(self, rounds: int) -> None:
        for number in range(rounds):
            await self._play(self.unreached())
            if number == 0:
                self.passed()

    async def _play(self, cells: Sequence[Cell]) -> None:
        if not cells:
            return
        self.ground.progress.say(f"{len(cells)} cells")
        wishes = [
            Wish(cell, story_of(cell.activity), lambda case, cell=cell: self._trap(cell, case))
            for cell in cells
        ]
        await Flow(self.ground, APART_S[self.recovery]).played(wishes)

    async def _trap(self, cell: Cell, case: Case) -> None:
        self.cases[case.id] = cell
        self.ground.plan.set([Trap(case.id, cell.place, cell.point, BLOWS[cell.recovery])])

    def judged(self, *looks: Findings) -> list[Failed]:
        """The cells that broke a promise at any of the looks."""
        said: defaultdict[Cell, list[str]] = defaultdict(list)
        for findings in looks:
            for registration, sentence in (
                *violations(findings),
                *untold(findings),
                *in_review(findings),
                *self._of_the_cells(findings),
            ):
                for cell in self._about(registration):
                    if sentence not in said[cell]:
                        said[cell].append(sentence)
        return [Failed(cell, tuple(sentences)) for cell, sentences in said.items() if sentences]

    def _of_the_cells(self, findings: Findings) -> list[Violation]:
        """What holds of a registration whose story is known, and whose workers were not paused."""
        told = {case: story_of(cell.activity) for case, cell in self.cases.items()}
        doubles = [] if self.recovery is Recovery.PAUSED_WORKER else booked_twice(findings)
        return [*doubles, *left_undone(findings, told)]

    def _about(self, registration: UUID | None) -> list[Cell]:
        """One of them, or all where nobody knows which it was."""
        if registration is None:
            return list(self.cells)
        return [self.cases[registration]] if registration in self.cases else []


async def closed(ground: Ground) -> bool:
    """Whether every run is closed, within the time there is."""
    return await idle(ground.world, CLOSED_WITHIN_S)


async def judged_later(ground: Ground, ids: Sequence[UUID]) -> tuple[Findings, Findings]:
    """What is there once sweeps have run and the quiet period is over, and a little later still.

    By then every worker that was struck is gone, and one that is whole has taken its place.
    """
    ground.progress.say("closed; sweeping")
    ground.crew.disband()
    ground.crew.enlist()
    wrong = await swept(ground.world)
    ground.progress.say("swept")
    await asyncio.sleep(TIMING.quiet_period.total_seconds())
    first = await gather(ground.world, ground.database, ids)
    await asyncio.sleep(LOOKED_AT_AGAIN_AFTER_S)
    again = await gather(ground.world, ground.database, ids)
    ground.crew.disband()
    return first, replace(again, broken_promises=(*again.broken_promises, *wrong))
