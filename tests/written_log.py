"""What a program logs, configured as a program configures it, and undone afterwards."""

import json
import logging
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from io import StringIO
from typing import Any

import pytest
import structlog
from temporalio import activity, workflow

import logs
from logs.configuration import QUIET


class WrittenLog(StringIO):
    """Where the lines go; a terminal, where it is one."""

    def __init__(self, *, terminal: bool = False) -> None:
        super().__init__()
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.getvalue().splitlines()]

    @property
    def line(self) -> dict[str, Any]:
        """The only one."""
        (line,) = self.lines
        return line


@contextmanager
def written_log(*, terminal: bool = False) -> Generator[WrittenLog]:
    """Within the block everything that is logged in this process goes there."""
    changed: list[tuple[Any, str]] = [
        (logging.getLogger(), "handlers"),
        *((logging.getLogger(name), "level") for name in (None, *QUIET)),
        (logging, "raiseExceptions"),
        (sys, "unraisablehook"),
        (threading, "excepthook"),
        (activity.logger, "activity_info_on_message"),
        (workflow.logger, "workflow_info_on_message"),
    ]
    before, logger_class = structlog.get_config(), logging.getLoggerClass()
    with pytest.MonkeyPatch.context() as patch:
        for owner, name in changed:
            patch.setattr(owner, name, getattr(owner, name))
        log = WrittenLog(terminal=terminal)
        logs.configure(stream=log)
        yield log
    structlog.configure(**before)
    logging.setLoggerClass(logger_class)
