"""`python -m tests.hostile`: thousands of bad inputs, and a verdict."""

import asyncio
import random
import sys
from typing import Annotated

import typer

from tests.hostile.assault import Report, assault
from tests.hostile.logbook import kept
from tests.hostile.target import target

COUNT = 11_000
"""At least ten thousand that are surely bad: a few turn out to be well formed."""


async def _run(count: int, seed: int) -> Report:
    with kept():  # what is logged before it begins is nobody's fault
        async with target() as server:
            return await assault(server, count, seed)


def main(
    count: Annotated[int, typer.Option(help="How many inputs.", min=100)] = COUNT,
    seed: Annotated[
        int | None, typer.Option(help="Draws the same inputs again; else one of its own.")
    ] = None,
) -> None:
    """Send generated bad inputs to an MCP server of its own, and look what became of it."""
    chosen = random.SystemRandom().randrange(1_000_000) if seed is None else seed
    typer.echo(f"{count} inputs, seed {chosen}; again with --count {count} --seed {chosen}")
    report = asyncio.run(_run(count, chosen))
    for line in report.lines():
        typer.echo(line)
    sys.exit(1 if report.faults else 0)


if __name__ == "__main__":
    typer.run(main)
