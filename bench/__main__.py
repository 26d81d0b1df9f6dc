"""`python -m bench`: how late bookings leave when many share one opening, beside other designs."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, NoReturn, TypeVar

import typer

from bench.campaign import SHORT, Campaign, compare
from bench.complaint import BenchError
from bench.report import table
from bench.scenarios import SCENARIOS
from bench.scenarios.playing import play
from bench.systems import SYSTEMS
from domain.errors import OutsideError
from sandbox.complaint import SandboxError
from settings import SettingsError

RESULTS = Path(__file__).with_name("results")

T = TypeVar("T")

EXPECTED = (BenchError, SandboxError, SettingsError, OutsideError)

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

ResultsFolder = Annotated[
    Path, typer.Option("--results", help="Where JSON, table and plot go.", metavar="DIR")
]


@app.callback(invoke_without_command=True)
def main(
    context: typer.Context,
    systems: Annotated[
        str, typer.Option(help=f"Some of {', '.join(SYSTEMS)}, with commas between.")
    ] = ",".join(SYSTEMS),
    n: Annotated[
        list[int] | None,
        typer.Option(min=1, max=1_000, help="How many share the instant; may be repeated."),
    ] = None,
    runs: Annotated[
        int, typer.Option(min=1, help="Runs of each; plain_workflow and polling run once.")
    ] = 3,
    short: Annotated[bool, typer.Option("--short", help="One run of 50, in 90 seconds.")] = False,
    tls: Annotated[bool, typer.Option("--tls", help="Speak TLS to the provider.")] = False,
    accounts: Annotated[
        int | None,
        typer.Option(min=1, help="Provider accounts; else one for each registration."),
    ] = None,
    results: ResultsFolder = RESULTS,
) -> None:
    """Start the embedded world in a folder of its own, and compare.

    Example:
      python -m bench --n 100 --runs 1 --systems floor,signupassist
    """
    if context.invoked_subcommand is not None:
        return
    chosen = tuple(name.strip() for name in systems.split(",") if name.strip())
    if unknown := [name for name in chosen if name not in SYSTEMS]:
        _fail(f"There is no system {unknown[0]!r}. Known: {', '.join(SYSTEMS)}.")
    campaign = (
        SHORT.model_copy(update={"tls": tls})
        if short
        else Campaign(
            systems=chosen,
            sizes=tuple(n or Campaign().sizes),
            runs=runs,
            tls=tls,
            accounts=accounts,
        )
    )
    found = _told(lambda: compare(campaign, results))
    typer.echo(table(found))
    if any(detail.failures for detail in found.details):
        _fail("Not every registration was booked exactly once, in time: see above.")


@app.command()
def scenario(
    names: Annotated[list[str], typer.Argument(help=f"{', '.join(SCENARIOS)}, or all.")],
    n: Annotated[
        int | None, typer.Option(min=1, help="Registrations, where not the promised number.")
    ] = None,
    tls: Annotated[bool, typer.Option("--tls", help="Speak TLS to the provider.")] = False,
    results: ResultsFolder = RESULTS,
) -> None:
    """Measure what is promised of outages, clocks, accounts and waiting.

    Example:
      python -m bench scenario kill clock
    """
    chosen = list(SCENARIOS) if names == ["all"] else names
    if unknown := [name for name in chosen if name not in SCENARIOS]:
        _fail(f"There is no scenario {unknown[0]!r}. Known: {', '.join(SCENARIOS)}, or all.")
    found = _told(lambda: play(chosen, results, n=n, tls=tls))
    for finding in found:
        typer.echo(finding.in_words())
    if not all(finding.kept for finding in found):
        _fail("Not every promise was kept: see above.")


def _told(measure: Callable[[], T]) -> T:
    """What was measured, or a sentence and exit 1."""
    try:
        return measure()
    except EXPECTED as failed:
        _fail(str(failed))
    except ExceptionGroup as several:
        expected, other = several.split(EXPECTED)
        if expected is None or other is not None:
            raise
        first: BaseException = expected
        while isinstance(first, BaseExceptionGroup):
            first = first.exceptions[0]
        _fail(str(first))


def _fail(sentence: str) -> NoReturn:
    typer.echo(sentence, err=True)
    sys.exit(1)


if __name__ == "__main__":
    app()
