"""`python -m tests.chaos soak`: thousands of registrations while everything breaks."""

import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from bench.progress import Progress
from sandbox.complaint import SandboxError
from tests.chaos.accounting import accounts
from tests.chaos.beside import beside
from tests.chaos.case import Case
from tests.chaos.doubts import doubts
from tests.chaos.evidence import Findings
from tests.chaos.flow import Flow, Wish
from tests.chaos.ground import Ground, ground, quietly
from tests.chaos.invariants import Violation, booked_twice, in_review, untold, violations
from tests.chaos.memory import Memory
from tests.chaos.outside import Outside, outside
from tests.chaos.soak_plan import Planned, SoakPlan
from tests.chaos.striker import Striker
from tests.chaos.undone import left_undone
from tests.chaos.warden import keep_alive
from tests.chaos.wave import closed, judged_later

WORKERS = 3
"""One of them is never struck."""
AT_ONCE = 250
TOLD_EVERY_S = 30.0
MOST_SAID = 40
"""Sentences of broken promises that are printed."""


@dataclass(frozen=True)
class Outcome:
    """What came of a soak."""

    lines: tuple[str, ...]
    broken: tuple[Violation, ...]


def main(
    minutes: Annotated[float, typer.Option(min=0.1, help="How long registrations begin.")] = 5,
    seed: Annotated[int | None, typer.Option(help="Of the plan; else a new one.")] = None,
    rate: Annotated[float, typer.Option(min=0.1, help="Registrations begun in a second.")] = 2,
    data: Annotated[
        Path | None, typer.Option(help="A folder to keep everything in; else nothing is kept.")
    ] = None,
) -> None:
    """Run registrations while workers and servers die and everything outside misbehaves.

    Example:
      python -m tests.chaos soak --minutes 30 --seed 7 --rate 2
    """
    seed = random.randrange(1_000_000) if seed is None else seed  # noqa: S311 - not secret
    again = f"--minutes {minutes:g} --seed {seed} --rate {rate:g}"
    outcome = asyncio.run(run(SoakPlan.drawn(seed, minutes * 60, rate), rate, data))
    typer.echo("\n".join(outcome.lines))
    for violation in outcome.broken[:MOST_SAID]:
        typer.echo(f"BROKEN: {violation.sentence}")
    if outcome.broken:
        typer.echo(f'RED: {len(outcome.broken)} promises broken; again: make chaos ARGS="{again}"')
    else:
        typer.echo(f"green: no promise broken, with {again}")
    sys.stdout.flush()
    raise SystemExit(1 if outcome.broken else 0)


async def run(plan: SoakPlan, rate: float, data: Path | None = None) -> Outcome:
    """Carry the plan out in a world of its own."""
    quietly()
    with tempfile.TemporaryDirectory(prefix="signupassist-chaos-") as folder:
        at_once = min(AT_ONCE, len(plan.registrations))
        async with (
            ground(data or Path(folder), Progress(), accounts=at_once) as there,
            outside(there.world) as out,
        ):
            return await _Soak(there, out, plan, rate).carried_out()


class _Soak:
    def __init__(self, there: Ground, out: Outside, plan: SoakPlan, rate: float) -> None:
        self._there = there
        self._out = out
        self._plan = plan
        self._flow = Flow(there, 1 / rate)
        self._striker = Striker(there.world.stack, there.crew)
        self._memory = Memory(self._pids)
        self._begun: dict[UUID, Planned] = {}
        self._last_began = 0.0

    async def carried_out(self) -> Outcome:
        there, plan = self._there, self._plan
        there.progress.begin("soak:")
        there.progress.say(
            f"{len(plan.registrations):,} registrations, {len(plan.strikes)} strikes"
        )
        there.crew.env["SUPABASE_URL"] = self._out.proxied
        began = time.monotonic()
        async with (
            beside(keep_alive(there.crew, WORKERS)),
            beside(self._memory.watch()),
            beside(self._tell()),
        ):
            async with beside(self._striker.strike(plan.strikes)):
                await self._flow.played(map(self._wish, plan.registrations))
            began_for, took = self._last_began - began, time.monotonic() - began
            await self._out.calm()
            await closed(there)
        looks = await judged_later(there, list(self._begun))
        return Outcome((*self._lines(looks[-1], began_for, took),), (*self._broken(looks),))

    def _wish(self, planned: Planned) -> Wish[int]:
        async def prepare(case: Case) -> None:
            self._begun[case.id] = planned
            self._last_began = time.monotonic()
            for knob in planned.knobs:
                await knob.turn(case, self._out)

        return Wish(planned.number, planned.story, prepare)

    def _pids(self) -> Mapping[str, Sequence[int]]:
        spared = self._there.crew.members[:1]
        try:
            servers = self._there.world.servers()
        except SandboxError:  # one of them has just been killed
            return {}
        return {**servers, "worker": spared[0].pids if spared else []}

    async def _tell(self) -> None:
        while True:
            await asyncio.sleep(TOLD_EVERY_S)
            done = sum(self._striker.done.values())
            self._there.progress.say(f"{len(self._begun):,} begun, {done} strikes")

    def _broken(self, looks: Sequence[Findings]) -> list[Violation]:
        found: list[Violation] = []
        for findings in looks:
            found += [*violations(findings), *untold(findings)]
        found += in_review(looks[-1], doubts(self._out, lambda one: self._begun[one].knobs))
        return list(dict.fromkeys(found))

    def _lines(self, findings: Findings, began_for: float, took: float) -> list[str]:
        begun = len(self._begun)
        undone = len(
            left_undone(findings, {one: planned.story for one, planned in self._begun.items()})
        )
        doubled = len(booked_twice(findings))
        strikes = ", ".join(f"{count} x {name}" for name, count in self._striker.done.items())
        pace = f"{begun / began_for:.2f} a second; all ended after {took / 60:.1f}"
        return [
            f"{begun:,} registrations begun in {began_for / 60:.1f} minutes: {pace}",
            *accounts(self._begun, findings),
            f"  strikes: {strikes}; {self._out.revivals} simulators ended by a fault",
            f"  {self._flow.unanswered} parents gave up; {undone} wishes were left undone",
            f"  {doubled} second bookings were made, by workers that were paused, and cancelled",
            *self._memory.lines(),
        ]
