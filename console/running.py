"""Running a command: whatever goes wrong becomes sentences and an exit code."""

import asyncio
import time
from collections.abc import Coroutine
from typing import Any, NoReturn

import structlog
import typer

from activities.failures import located
from console.output import complain
from domain.errors import Conflict, OutsideError, RecordsMisconfigured, RecordsUnavailable
from domain.field_errors import FieldError
from domain.refusals import Refused
from settings import SettingsError

DONE = 0
FAILED = 1
"""Refused, broken, or a service did not answer."""

NOT_CONFIGURED = 2
"""As for wrong usage: the caller must change something first."""


_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


def run(work: Coroutine[Any, Any, None]) -> None:
    """Do the command's work, and log its end in one line.

    Raises:
        typer.Exit: FAILED or NOT_CONFIGURED, when standard error says why.
    """
    began, code = time.perf_counter(), FAILED
    try:
        _do(work)
        code = DONE
    except typer.Exit as end:
        code = end.exit_code
        raise
    finally:
        spent = time.perf_counter() - began
        _log.info("command_ended", exit_code=code, duration_ms=round(spent * 1000, 1))


def _do(work: Coroutine[Any, Any, None]) -> None:
    try:
        asyncio.run(work)
    except typer.Exit:
        raise
    except Refused as refused:
        _end(FAILED, *(f"{reason.sentence} ({reason.code})" for reason in refused.reasons))
    except SettingsError as incomplete:
        _end(NOT_CONFIGURED, str(incomplete))
    except OutsideError as failure:
        _end(FAILED, explained(failure))
    except Exception as bug:  # noqa: BLE001 - an operator is never shown a traceback
        _end(FAILED, reported(bug))


def explained(failure: OutsideError) -> str:
    """What happened and what to do, for an operator."""
    match failure:
        case FieldError():
            return (
                f"People's fields: {failure}. Give this command the FIELD_KEYS that the programs "
                "have; see A field key is missing or lost in docs/operations.md."
            )
        case RecordsMisconfigured():
            return (
                f"The database refuses us: {failure}. Is SUPABASE_SERVICE_ROLE_KEY a secret key "
                "of the project, and was `python starter.py deploy` run for this release?"
            )
        case RecordsUnavailable():
            return (
                f"The database does not answer: {failure}. Is it running, and is SUPABASE_URL "
                "right? The same command may be repeated."
            )
        case Conflict():
            return f"This changed meanwhile: {failure}. Look at it again, then decide."
        case _:
            return str(failure)


def _end(code: int, *sentences: str) -> NoReturn:
    for sentence in sentences:
        complain(sentence)
    raise typer.Exit(code)


def reported(bug: Exception) -> str:
    """Where it happened. The exception's own message stays out: it may quote a row."""
    return f"Something went wrong inside this program: {located(bug)}. Please report this line."
