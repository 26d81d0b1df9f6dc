"""How the start goes, on a terminal or in a log."""

from threading import Lock
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.table import Table

from sandbox.start_order import State

_SIGN = {"waiting": "[dim]·[/]", "starting": "[yellow]…[/]", "ready": "[green]✓[/]"}


class Progress:
    """A live table on a terminal; elsewhere a line for each step that is done."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._lock = Lock()
        self._states: dict[str, tuple[State, float]] = {}
        self._live = Live(console=console, auto_refresh=False) if console.is_terminal else None

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live is not None:
            self._live.stop()

    def watch(self, name: str, state: State, seconds: float) -> None:
        """Show the new state of one step. Called from several threads."""
        with self._lock:
            self._states[name] = (state, seconds)
            if self._live is not None:
                self._live.update(self._table(), refresh=True)
            elif state in ("ready", "failed"):
                self._console.print(f"{name}: {state} ({seconds:.1f} s)", highlight=False)

    def _table(self) -> Table:
        table = Table.grid(padding=(0, 2))
        for name, (state, seconds) in self._states.items():
            took = f"{seconds:.1f} s" if seconds else ""
            table.add_row(_SIGN.get(state, "[red]✗[/]"), name, f"[dim]{took}[/]")
        return table
