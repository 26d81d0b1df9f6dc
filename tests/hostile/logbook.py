"""What the server logged meanwhile."""

import logging
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, cast

from structlog.testing import capture_logs

from logs.configuration import QUIET

SENT_ONLY_BY_ATTACKERS = "xyzzy"


class Logbook(logging.Handler):
    """Everything that was logged, by us and by libraries, and what of it is a fault."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.faults: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """A line of a library."""
        if record.levelno < logging.WARNING and record.name.startswith(QUIET):
            return  # the programs do not log it either
        text = record.getMessage()
        if record.exc_info or "Traceback" in text:
            self.faults.append(f"{record.name} logged a traceback: {text[:200]} {record.exc_info}")
        elif SENT_ONLY_BY_ATTACKERS in text:
            self.faults.append(f"{record.name} repeated what was sent: {text[:200]}")

    def ours(self, lines: list[dict[str, Any]]) -> None:
        """Lines of our own."""
        for line in lines:
            text = str(line)
            if line["event"] == "tool_crashed" or "exc_info" in line or "Traceback" in text:
                self.faults.append(f"we logged a crash: {text[:500]}")
            elif SENT_ONLY_BY_ATTACKERS in text:
                self.faults.append(f"we repeated what was sent: {text[:200]}")


@contextmanager
def kept() -> Generator[Logbook]:
    """The book; it is complete when the block is left."""
    book, root = Logbook(), logging.getLogger()
    level, handlers = root.level, root.handlers
    root.handlers = [book]
    root.setLevel(logging.INFO)
    # A server that was started in this process before may have kept its lines to itself, or
    # silent.
    servers = [logging.getLogger(name) for name in ("uvicorn", "uvicorn.error", "uvicorn.access")]
    were = [(server.propagate, server.disabled, server.level) for server in servers]
    for server in servers:
        server.propagate, server.disabled = True, False
        server.setLevel(logging.NOTSET)
    try:
        with capture_logs() as lines:
            yield book
        book.ours(cast("list[dict[str, Any]]", lines))
    finally:
        root.setLevel(level)
        root.handlers = handlers
        for server, (propagated, disabled, said) in zip(servers, were, strict=True):
            server.propagate, server.disabled = propagated, disabled
            server.setLevel(said)
