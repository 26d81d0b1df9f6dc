"""`python -m tests.chaos matrix`: the crash matrix."""

import asyncio
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Annotated, Any

import typer

from bench.complaint import BenchError
from bench.progress import Progress
from tests.chaos.cells import Cell, Recovery, UnknownCell, chosen, every_cell, sample
from tests.chaos.ground import ground, quietly
from tests.chaos.wave import Failed, Wave
from tests.chaos.worker_under_test import BLIND

# A world is what a process's environment names: there is one a process.
PROCESSES = multiprocessing.get_context("spawn")

AT_ONCE = 96
"""Registrations under way at the same time: some live for a minute after their booking."""


def main(
    cell: Annotated[
        list[str] | None,
        typer.Option(help="Only this cell, or those whose name begins so; may be repeated."),
    ] = None,
    count: Annotated[
        int | None, typer.Option("--sample", min=1, help="So many cells, drawn by the seed.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the sample.")] = 1,
    listed: Annotated[bool, typer.Option("--list", help="Show the cells, and run none.")] = False,
    blind: Annotated[
        bool, typer.Option("--blind", help="Break the look-up on purpose: it must turn red.")
    ] = False,
    data: Annotated[
        Path | None, typer.Option(help="A folder to keep everything in; else nothing is kept.")
    ] = None,
) -> None:
    """Strike the worker down at every point of every step, and look what became of it.

    Example:
      python -m tests.chaos matrix --cell book/after_effect/other_worker
    """
    try:
        cells = chosen(cell) if cell else sample(count, seed) if count else every_cell()
    except UnknownCell as unknown:
        typer.echo(str(unknown), err=True)
        raise SystemExit(2) from None
    if listed:
        typer.echo("\n".join(one.name for one in cells))
        typer.echo(f"{len(cells)} cells")
        return
    began = time.monotonic()
    failed = run(cells, data, blind=blind)
    typer.echo(report(cells, failed, time.monotonic() - began))
    sys.stdout.flush()
    raise SystemExit(1 if failed else 0)


def run(cells: Sequence[Cell], data: Path | None = None, *, blind: bool = False) -> list[Failed]:
    """Play all of them; those that failed."""
    with tempfile.TemporaryDirectory(prefix="signupassist-chaos-") as folder:
        return in_waves(data or Path(folder), cells, blind=blind)


def in_waves(folder: Path, cells: Sequence[Cell], *, blind: bool = False) -> list[Failed]:
    """Each recovery a wave, in a world and a process of its own.

    A wave's last minutes are waiting: for cells that are played again, for time-outs, for the quiet
    period. So the next one begins once all cells of this one have been played.

    Raises:
        BenchError: one broke off.
    """
    heard = list["Connection[Any, Any]"]()
    with ExitStack() as stack:
        for recovery in Recovery:
            wave = [one for one in cells if one.recovery is recovery]
            if wave:
                ours, theirs = PROCESSES.Pipe(duplex=False)
                said = (theirs, folder / recovery, recovery, wave, blind)
                process = PROCESSES.Process(target=_played_alone, args=said)
                process.start()
                stack.callback(process.join)
                stack.callback(process.terminate)
                theirs.close()
                heard.append(ours)
                _next(ours)
        return [failed for one in heard for failed in _next(one)]


def _next(heard: "Connection[Any, Any]") -> list[Failed]:
    """Nothing at first, once all its cells have been played; then those that failed."""
    try:
        return heard.recv()
    except EOFError:
        raise BenchError("A wave of the matrix broke off; above it says why.") from None


def _played_alone(
    heard: "Connection[Any, Any]",
    folder: Path,
    recovery: Recovery,
    cells: Sequence[Cell],
    blind: bool,
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    heard.send(asyncio.run(_played(heard, folder, recovery, cells, blind=blind)))


async def _played(
    heard: "Connection[Any, Any]",
    folder: Path,
    recovery: Recovery,
    cells: Sequence[Cell],
    *,
    blind: bool,
) -> list[Failed]:
    quietly()
    progress = Progress()
    async with ground(folder, progress, accounts=AT_ONCE) as there:
        progress.begin(f"{recovery}:")
        there.crew.env |= {BLIND: "1"} if blind else {}
        broken = await Wave(there, recovery, cells, passed=lambda: heard.send([])).failures()
        progress.say(f"{len(cells) - len(broken)} of {len(cells)} hold")
    return broken


def report(cells: Sequence[Cell], failed: Sequence[Failed], seconds: float) -> str:
    """What came of it; the last line is the verdict."""
    lines = [
        f"{one.cell.name}: {'; '.join(one.sentences)}\n"
        f'  again: make matrix ARGS="--cell {one.cell.name}"'
        for one in failed
    ]
    verdict = "green" if not failed else "RED"
    lines.append(
        f"{verdict}: {len(cells) - len(failed)} of {len(cells)} cells hold, "
        f"in {seconds / 60:.1f} minutes"
    )
    return "\n".join(lines)
