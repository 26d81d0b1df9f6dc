"""The last look at a line before it is written."""

import logging
import sys
from typing import cast

from structlog.typing import EventDict, WrappedLogger

from logs.frames import raised
from logs.sentences import WITHHELD, place, sentence
from logs.values import shown


def redacted(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """The line with what its types allow, ours and those of libraries alike.

    `raised` holds where an exception came from, `said_at` where words were withheld.
    """
    record = cast("logging.LogRecord", line.pop("_record"))
    ours = line.pop("_from_structlog")
    words, arguments = line.pop("event"), line.pop("positional_args", ())
    error = _exception(line.pop("exc_info", None))
    line.pop("stack_info", None)
    said = sentence(record, words if ours else record.msg, arguments)
    safe: EventDict = {name: shown(value, name) for name, value in line.items()}
    if error is not None:
        safe["raised"] = raised(error)
    if said == WITHHELD:
        safe["said_at"] = place(record)
    return {"event": said, **safe}


def _exception(info: object) -> BaseException | None:
    """The exception of `exc_info`, in any of the ways in which it may be given."""
    match info:
        case BaseException():
            return info
        case tuple():
            return cast("tuple[object, BaseException | None, object]", info)[1]
        case None | False:
            return None
        case _:
            return sys.exception()
