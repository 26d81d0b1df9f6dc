"""`python -m tests.schedules`: two workers over minutely fires, for minutes."""

import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from tests.schedules.colours import Pace, played

app = typer.Typer(add_completion=False)


@app.command()
def main(
    minutes: Annotated[int, typer.Option(min=2, help="How many fires, one a minute.")] = 10,
) -> None:
    """Let blue and green, with clocks five seconds apart, work off minutely fires; kill one twice.

    Each nominal time must have every effect once. Exit code 0 where it has.
    """
    pace = Pace(
        every=timedelta(minutes=1),
        step=timedelta(seconds=5),
        noticed=timedelta(seconds=5),
        fires=minutes,
        kill_at=tuple(sorted({minutes // 3, 2 * minutes // 3})),
    )
    with tempfile.TemporaryDirectory() as folder:
        verdict = played(Path(folder), pace)
    typer.echo(str(verdict))
    raise typer.Exit(1 if verdict.faults else 0)


if __name__ == "__main__":
    app()
