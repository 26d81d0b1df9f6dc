"""One line an event, JSON where no person watches, and nothing in it that belongs to people."""

import logging
import sys
import threading
from typing import TextIO

import structlog
from structlog.typing import Processor

from logs.redaction import redacted
from logs.temporal import of_temporal, without_repetition

QUIET = ("httpx", "httpx2", "httpcore", "mcp", "hpack", "stripe", "uvicorn")
"""Libraries whose running commentary repeats what our own lines say."""

_log: structlog.stdlib.BoundLogger = structlog.get_logger("unhandled")


def configure(level: int = logging.INFO, stream: TextIO | None = None) -> None:
    """Send structlog's and the standard library's records the same way. Repeatable.

    Args:
        level: from which on a line is written.
        stream: where to; standard output where None.
    """
    out = stream if stream is not None else sys.stdout
    common: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: Processor = (
        structlog.dev.ConsoleRenderer() if out.isatty() else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[*common, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*common, of_temporal],
            processors=[redacted, renderer],
            pass_foreign_args=True,
            use_get_message=False,
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in QUIET:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
    without_repetition()
    # What cannot be written is dropped: Python's own complaint would print it as it is.
    logging.raiseExceptions = False
    sys.unraisablehook = _unraisable
    threading.excepthook = _thread_died


def _unraisable(met: "sys.UnraisableHookArgs") -> None:
    _log.error("exception_ignored", exc_info=met.exc_value)


def _thread_died(met: threading.ExceptHookArgs) -> None:
    _log.error("thread_died", exc_info=met.exc_value)
