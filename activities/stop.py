"""Asking an armed booking to end, without ever cutting it off."""

import asyncio
from collections.abc import Callable, Generator
from contextlib import contextmanager


class Stopped(Exception):
    """The attempt was taken back: by a change, by a worker told to stop, or by a successor."""


class Stop:
    """One attempt's stop. Asked at most once; what waits by it wakes with `Stopped`.

    Attributes:
        release: somebody wants the registration back, so no other attempt should follow.
    """

    def __init__(self) -> None:
        self.release = False
        self._asked = False
        self._interrupts: set[Callable[[], None]] = set()

    @property
    def asked(self) -> bool:
        """Whether nothing further may be sent."""
        return self._asked

    def ask(self, *, release: bool = False) -> None:
        """Ask for the end. Repeatable."""
        self.release = self.release or release
        self._asked = True
        for interrupt in tuple(self._interrupts):
            interrupt()

    def check(self) -> None:
        """Raises Stopped once it was asked for."""
        if self._asked:
            raise Stopped("stopped before a further send")

    @contextmanager
    def interrupting(self, future: asyncio.Future[None]) -> Generator[None]:
        """Within the block, asking ends the future with `Stopped`."""
        self.check()

        def interrupt() -> None:
            if not future.done():
                future.set_exception(Stopped("stopped before a further send"))

        self._interrupts.add(interrupt)
        try:
            yield
        finally:
            self._interrupts.discard(interrupt)
