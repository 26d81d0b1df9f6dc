"""How results are printed: JSON for programs, rich tables for people, complaints on stderr."""

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated

import typer
from pydantic_core import to_jsonable_python
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from domain.opening import zone

WIDTH_OF_A_PIPE = 240
"""Columns where no terminal says its own: wide enough that a row stays one line."""

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]

NOTHING = "-"
"""Stands where there is no value."""


def print_json(value: object) -> None:
    """Print the value as JSON; instants are UTC, amounts are cents."""
    typer.echo(json.dumps(to_jsonable_python(value), indent=2))


def say(sentence: str, style: str = "") -> None:
    """Print a sentence."""
    _screen().print(_plain(sentence), style=style, soft_wrap=True)


def complain(sentence: str) -> None:
    """Print a sentence on standard error."""
    _screen(stderr=True).print(_plain(sentence), style="red", soft_wrap=True)


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print one line a row. Nothing is cut off: what is too long for the terminal is folded.

    The first column names the row, and is never folded.
    """
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for place, column in enumerate(columns):
        table.add_column(column, overflow="fold", no_wrap=place == 0)
    for row in rows:
        table.add_row(*map(_plain, row))
    _screen().print(table)


def print_sheet(facts: Mapping[str, str | None]) -> None:
    """Print one line a fact; facts without a value are left out."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in facts.items():
        if value is not None:
            table.add_row(name, _plain(value))
    _screen().print(table)


def local(instant: datetime, time_zone: str) -> str:
    """The instant in that zone, as `2026-12-01 09:00:00 EST`."""
    return f"{instant.astimezone(zone(time_zone)):%Y-%m-%d %H:%M:%S %Z}"


def utc(instant: datetime) -> str:
    """The instant as `2026-12-01 14:00:00 UTC`."""
    return f"{instant.astimezone(UTC):%Y-%m-%d %H:%M:%S UTC}"


def both(instant: datetime, time_zone: str) -> str:
    """The instant in that zone and in UTC."""
    return f"{local(instant, time_zone)} ({utc(instant)})"


def _screen(*, stderr: bool = False) -> Console:
    # Made anew each time: standard output may have been replaced since.
    screen = Console(stderr=stderr, highlight=False)
    if not screen.is_terminal and "COLUMNS" not in os.environ:
        screen.width = WIDTH_OF_A_PIPE
    return screen


def _plain(text: str) -> Text:
    """The text without markup, and without what could steer a terminal."""
    return Text("".join(sign if sign.isprintable() or sign == "\n" else "�" for sign in text))
