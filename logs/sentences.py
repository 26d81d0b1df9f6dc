"""What a log line says in words: only what stands in the code that says it.

A type checker calls such text a `LiteralString`. Anything else, such as a sentence that a library
put together, may hold what somebody typed.
"""

import inspect
import logging
from collections.abc import Mapping
from typing import Any, cast

from logs.frames import kind
from logs.values import shown

WITHHELD = "withheld"
"""Stands for words that were put together; the line then says where."""


class _Plain(str):
    """Text that looks the same by %s and by %r."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def sentence(record: logging.LogRecord, words: object, arguments: object) -> str:
    """The record's words with its arguments put in as far as their types allow it; or WITHHELD."""
    if isinstance(words, BaseException):
        return kind(words)
    if not isinstance(words, str) or not _is_literal(words, record):
        return WITHHELD
    if not arguments:
        return words
    try:
        return words % _plain(arguments)
    except (TypeError, ValueError, KeyError):
        return words


def place(record: logging.LogRecord) -> str:
    """Where it was said."""
    return f"{record.filename}:{record.lineno}"


def _is_literal(words: str, record: logging.LogRecord) -> bool:
    """Whether the code that made the record, which is still running, holds these very words."""
    if hasattr(record, "temporal_log"):
        return True  # of the SDK's core: what it fills in is kept apart, in fields that are dropped
    frame = inspect.currentframe()
    while frame is not None:
        if frame.f_code.co_filename == record.pathname and frame.f_lineno == record.lineno:
            return any(isinstance(one, str) and one == words for one in frame.f_code.co_consts)
        frame = frame.f_back
    return False


def _plain(arguments: object) -> Any:
    if isinstance(arguments, Mapping):
        named = cast("Mapping[object, object]", arguments)
        return {name: _argument(value) for name, value in named.items()}
    return tuple(_argument(value) for value in cast("tuple[object, ...]", arguments))


def _argument(value: object) -> object:
    told = shown(value)
    return _Plain(told) if isinstance(told, str) else told
