"""Where an exception came from, by types and frames: its words may quote a row."""

import errno
import traceback
from typing import cast

MOST_FRAMES = 6
"""The last of each exception; what called those is known."""

MOST_EXCEPTIONS = 8


def raised(error: BaseException) -> list[str]:
    """Each exception of the chain, the last first, as `KeyError at book.py:12 book, room.py:7 in`.

    Also those that `from None` hides: what must be hidden are words.
    """
    said: list[str] = []
    met: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting and len(said) < MOST_EXCEPTIONS:
        one = waiting.pop(0)
        if one is None or id(one) in met:
            continue
        met.add(id(one))
        said.append(f"{kind(one)} at {_frames(one)}" if one.__traceback__ else kind(one))
        if isinstance(one, BaseExceptionGroup):
            waiting += cast("BaseExceptionGroup[BaseException]", one).exceptions
        waiting.append(one.__cause__ or one.__context__)
    return said


def kind(error: BaseException) -> str:
    """The exception's type, and which error of the system it is."""
    name = type(error).__name__
    number = error.errno if isinstance(error, OSError) else None
    code = errno.errorcode.get(number) if number is not None else None
    return f"{name}({code})" if code else name


def _frames(error: BaseException) -> str:
    places = [
        f"{frame.f_code.co_filename.rpartition('/')[2]}:{line} {frame.f_code.co_name}"
        for frame, line in traceback.walk_tb(error.__traceback__)
    ]
    return ", ".join(places[-MOST_FRAMES:])
