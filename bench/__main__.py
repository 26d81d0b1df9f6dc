"""`python -m bench`: how late bookings leave when many share one opening."""

import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from bench.complaint import BenchError
from bench.opening import measure
from bench.plot import svg
from bench.report import table
from domain.errors import OutsideError
from sandbox.complaint import SandboxError
from settings import SettingsError

RESULTS = Path(__file__).with_name("results")

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def main(
    registrations: Annotated[
        int, typer.Option(min=1, max=1_000, help="How many families share the opening.")
    ] = 20,
    results: Annotated[
        Path, typer.Option(help="Where JSON, table and plot go.", metavar="DIR")
    ] = RESULTS,
) -> None:
    """Start the sandbox in a folder of its own, book at one opening, and report how late it was.

    Example:
      python -m bench --registrations 100
    """
    try:
        with tempfile.TemporaryDirectory(prefix="signupassist-bench-") as folder:
            found = measure(Path(folder), registrations)
    except (BenchError, SandboxError, SettingsError, OutsideError) as failed:
        typer.echo(str(failed), err=True)
        sys.exit(1)
    results.mkdir(parents=True, exist_ok=True)
    name = f"opening-{registrations}"
    (results / f"{name}.json").write_text(found.model_dump_json(indent=1) + "\n")
    (results / f"{name}.md").write_text(table(found))
    (results / f"{name}.svg").write_text(svg(found))
    typer.echo(table(found))
    if not found.sound:
        typer.echo("Not every registration was booked exactly once, in time: see above.", err=True)
        sys.exit(1)


if __name__ == "__main__":
    app()
