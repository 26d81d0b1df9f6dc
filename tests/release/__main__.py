"""`python -m tests.release`: does this release finish what the previous one began?"""

import asyncio
import logging
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

import logs
from tests.release.previous import NotHere
from tests.release.upgrade import played

app = typer.Typer(add_completion=False)


@app.command()
def main(
    seed: Annotated[int, typer.Option(help="Draws the moments at which SIGTERM meets them.")] = 1,
    versioned: Annotated[
        bool, typer.Option(help="Start this release with WORKER_DEPLOYMENT, and promote it.")
    ] = False,
) -> None:
    """Let this release take registrations over from the previous one, which SIGTERM stops.

    Each must be booked and charged once. Exit code 0 where it is.
    """
    # What the commands log has no place in what they answer.
    logs.configure(logging.ERROR, sys.stderr)
    with tempfile.TemporaryDirectory() as folder:
        try:
            asyncio.run(played(Path(folder), seed=seed, versioned=versioned, tell=typer.echo))
        except (NotHere, AssertionError) as failed:
            typer.echo(f"The drill failed: {failed}", err=True)
            raise typer.Exit(1) from None
    typer.echo(f"Everything happened once (seed {seed}).")


if __name__ == "__main__":
    app()
