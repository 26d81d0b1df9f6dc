"""How the story looks: on a terminal with colours and a countdown, elsewhere as plain lines."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.text import Text

LABEL_COLUMNS = 26
"""The longest name of a tool, with the sign before it."""
INDENT_COLUMNS = 6


class Countdown(Protocol):
    """Shows how far away the opening is."""

    def show(self, seconds: float, doing: str) -> None:
        """Show so many seconds to the opening, less than none after it, and what is done."""
        ...


class Narrator:
    """Prints the story, one kind of line a method.

    Args:
        console: where to; what it cannot show (colours, a moving bar) is left out.
    """

    def __init__(self, console: Console) -> None:
        self._console = console

    def chapter(self, title: str) -> None:
        """A new part of the story."""
        self._console.print()
        self._console.print(Text(title, style="bold underline"))

    def parent(self, words: str) -> None:
        """What the parent writes in the chat, or does."""
        self._row(Text("  Parent", style="cyan"), Text(words, style="cyan"))

    def tool(self, name: str, answer: str) -> None:
        """The tool that the chat calls for it, and the gist of its answer."""
        self._row(Text(f"  > {name}", style="magenta"), Text(answer))

    def fact(self, label: str, value: str) -> None:
        """Something to know, or to check."""
        self._row(Text(f"  {label}", style="bold"), Text(value))

    def quote(self, text: str) -> None:
        """Words that somebody reads, as they are."""
        self._wrapped(Text(), Text(text, style="italic"), INDENT_COLUMNS)

    def table(self, rows: Sequence[tuple[str, ...]]) -> None:
        """Rows that belong together, each column as wide as its longest text."""
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            cells = (f"{text:{width}}" for text, width in zip(row, widths, strict=True))
            self._wrapped(Text(), Text("  ".join(cells).rstrip()), INDENT_COLUMNS)

    def note(self, text: str) -> None:
        """An aside. Its lines stay as they are, so that addresses can be copied."""
        self._console.print(Text(text, style="dim"), soft_wrap=True)

    def address(self, label: str, url: str) -> None:
        """A long address, on a line of its own, never broken."""
        self._console.print(Text(f"  {label}", style="bold"))
        self._console.print(Text(f"{' ' * INDENT_COLUMNS}{url}"), soft_wrap=True)

    def addresses(self, named: Mapping[str, str]) -> None:
        """Short addresses, one a line."""
        for name, url in named.items():
            line = Text(f"  {name}".ljust(LABEL_COLUMNS), style="bold").append(url, "not bold")
            self._console.print(line, soft_wrap=True)

    def end(self, sentence: str) -> None:
        """The last line of all."""
        self._console.print()
        self._console.print(Text(sentence, style="bold green"))

    @contextmanager
    def countdown(self, seconds: float) -> Generator[Countdown]:
        """A bar that fills up to the opening; where nothing can move, a line for each change."""
        if not self._console.is_terminal:
            yield _Lines(self._console)
            return
        progress = Progress(
            TextColumn("  {task.description}"),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[left]}"),
            console=self._console,
            auto_refresh=False,
        )
        with progress:
            yield _Bar(progress, seconds)

    def _row(self, label: Text, text: Text) -> None:
        label.pad_right(max(LABEL_COLUMNS - label.cell_len, 1))
        self._wrapped(label, text, LABEL_COLUMNS)

    def _wrapped(self, first: Text, text: Text, indent: int) -> None:
        """Text in its own column, with no white space at the ends of lines."""
        for line in text.wrap(self._console, self._console.width - indent):
            line.rstrip()
            start = first or Text(" " * indent if line else "")
            self._console.print(start + line, soft_wrap=True)
            first = Text()


class _Bar:
    def __init__(self, progress: Progress, seconds: float) -> None:
        self._progress = progress
        self._seconds = seconds
        self._task = progress.add_task("", total=seconds, left="")

    def show(self, seconds: float, doing: str) -> None:
        self._progress.update(
            self._task,
            description=doing,
            completed=self._seconds - max(seconds, 0),
            left=_distance(seconds),
            refresh=True,
        )


class _Lines:
    def __init__(self, console: Console) -> None:
        self._console = console
        self._doing = ""

    def show(self, seconds: float, doing: str) -> None:
        if doing != self._doing:
            self._doing = doing
            self._console.print(Text(f"  {_distance(seconds)}: {doing}"))


def _distance(seconds: float) -> str:
    return f"opens in {seconds:.1f} s" if seconds > 0 else f"open for {-seconds:.1f} s"
