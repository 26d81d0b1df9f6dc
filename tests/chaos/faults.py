"""`python -m tests.chaos faults`: the fault matrix."""

import asyncio
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from bench.progress import Progress
from tests.chaos.beside import beside
from tests.chaos.case import Case
from tests.chaos.cells import UnknownCell
from tests.chaos.doubts import doubts
from tests.chaos.evidence import Findings
from tests.chaos.fault_cells import FaultCell, chosen, every_cell, sample
from tests.chaos.flow import Flow, Wish
from tests.chaos.ground import Ground, ground, quietly
from tests.chaos.invariants import booked_twice, in_review, untold, violations
from tests.chaos.knobs import Knob
from tests.chaos.outside import Outside, outside
from tests.chaos.stories import BOOKED
from tests.chaos.timing import BRIEF
from tests.chaos.warden import keep_alive
from tests.chaos.wave import closed, judged_later

AT_ONCE = 150
"""Registrations under way at the same time: most wait for an answer that does not come."""
WORKERS = 2
TOLD_EVERY_S = 30.0
FEW = 6

BOOKED_OR_GIVEN_UP = replace(BOOKED, timing=BRIEF)

Said = dict[FaultCell, tuple[str, ...]]


def main(
    cell: Annotated[
        list[str] | None,
        typer.Option(help="Only this knob, or these with a + between; may be repeated."),
    ] = None,
    count: Annotated[
        int | None, typer.Option("--sample", min=1, help="So many cells, drawn by the seed.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the sample, and of the order.")] = 1,
    rate: Annotated[float, typer.Option(min=0.1, help="Registrations begun in a second.")] = 2.0,
    listed: Annotated[bool, typer.Option("--list", help="Show the cells, and run none.")] = False,
    data: Annotated[
        Path | None, typer.Option(help="A folder to keep everything in; else nothing is kept.")
    ] = None,
) -> None:
    """Break everything outside, alone and in pairs, and look what became of the registrations.

    In an order that the seed draws: faults that everybody meets lie apart.

    Example:
      python -m tests.chaos faults --cell bookeo.drop_after+data_api.conflict
    """
    try:
        cells = chosen(cell) if cell else sample(count or len(every_cell()), seed)
    except UnknownCell as unknown:
        typer.echo(str(unknown), err=True)
        raise SystemExit(2) from None
    if listed:
        typer.echo("\n".join(one.name for one in cells))
        typer.echo(f"{len(cells)} cells")
        return
    began = time.monotonic()
    failed = asyncio.run(run(cells, rate, data))
    typer.echo(report(cells, failed, time.monotonic() - began))
    sys.stdout.flush()
    raise SystemExit(1 if failed else 0)


async def run(cells: Sequence[FaultCell], rate: float, data: Path | None = None) -> Said:
    """Play all of them in one world; what is said of those that failed."""
    quietly()
    with tempfile.TemporaryDirectory(prefix="signupassist-chaos-") as folder:
        at_once = min(AT_ONCE, len(cells))
        async with (
            ground(data or Path(folder), Progress(), accounts=at_once) as there,
            outside(there.world) as out,
        ):
            return await played(there, out, cells, rate)


async def played(there: Ground, out: Outside, cells: Sequence[FaultCell], rate: float) -> Said:
    """All cells as registrations side by side, served by workers that live."""
    there.progress.begin("faults:")
    there.progress.say(f"{len(cells)} cells")
    there.crew.env["SUPABASE_URL"] = out.proxied
    broken = Broken(there, out, rate)
    async with beside(keep_alive(there.crew, WORKERS)), beside(_tell(there, broken, len(cells))):
        await broken.play(cells)
        await closed(there)
    return broken.judged(*await judged_later(there, list(broken.cases)))


async def _tell(there: Ground, broken: "Broken", of: int) -> None:
    while True:
        await asyncio.sleep(TOLD_EVERY_S)
        open_ones = [c.name for one, c in broken.cases.items() if not there.board.ended(one)]
        few = f": {', '.join(open_ones)}" if len(open_ones) <= FEW else ""
        there.progress.say(f"{len(broken.cases)} of {of} begun, {len(open_ones)} open{few}")


class Broken:
    """Registrations that each meet the faults of one cell.

    Attributes:
        cases: the cells, by registration.
    """

    def __init__(self, there: Ground, out: Outside, rate: float) -> None:
        self._there = there
        self._out = out
        self._rate = rate
        self.cases: dict[UUID, FaultCell] = {}

    async def play(self, cells: Sequence[FaultCell]) -> None:
        """Begin so many a second; over when each has ended, with every fault taken back."""
        await Flow(self._there, 1 / self._rate).played(map(self._wish, cells))
        await self._out.calm()

    def judged(self, *looks: Findings) -> Said:
        """What is said of the cells that failed."""
        said: defaultdict[FaultCell, list[str]] = defaultdict(list)
        for findings in looks:
            for registration, sentence in (
                *violations(findings),
                *untold(findings),
                *booked_twice(findings),
            ):
                for cell in self._about(registration):
                    said[cell] += [sentence] if sentence not in said[cell] else []
        for registration, sentence in in_review(looks[-1], doubts(self._out, self._met)):
            for cell in self._about(registration):
                said[cell] += [sentence]
        return {cell: tuple(sentences) for cell, sentences in said.items() if sentences}

    def _met(self, registration: UUID) -> Sequence[Knob]:
        cell = self.cases.get(registration)
        return cell.knobs if cell is not None else ()

    def _about(self, registration: UUID | None) -> list[FaultCell]:
        """One of them, or all where nobody knows which it was."""
        if registration is None:
            return list(self.cases.values())
        return [self.cases[registration]] if registration in self.cases else []

    def _wish(self, cell: FaultCell) -> Wish[FaultCell]:
        async def turn(case: Case) -> None:
            self.cases[case.id] = cell
            for knob in cell.knobs:
                await knob.turn(case, self._out)

        return Wish(cell, BOOKED_OR_GIVEN_UP, turn)


def report(cells: Sequence[FaultCell], failed: Said, seconds: float) -> str:
    """What came of it; the last line is the verdict."""
    lines = [
        f'{cell.name}: {"; ".join(sentences)}\n  again: make faults ARGS="--cell {cell.name}"'
        for cell, sentences in failed.items()
    ]
    verdict = "green" if not failed else "RED"
    lines.append(
        f"{verdict}: {len(cells) - len(failed)} of {len(cells)} cells hold, "
        f"in {seconds / 60:.1f} minutes"
    )
    return "\n".join(lines)
