"""What a history's payloads say, where this program's keys can read them."""

import json
from collections.abc import Sequence
from typing import Any, cast

from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.converter import DataConverter
from temporalio.exceptions import ApplicationError, FailureError
from temporalio.exceptions import TimeoutError as NoAnswer

from domain.errors import PayloadError

UNREADABLE = "(encrypted with a key that is not given here)"


class Payloads:
    """Reads them, and remembers why some could not be read."""

    def __init__(self, converter: DataConverter) -> None:
        self._converter = converter
        self.unread: str | None = None

    async def first(self, payloads: Sequence[Payload]) -> Any:
        """The first value; None where there is none, or it cannot be read here."""
        if not payloads:
            return None
        try:
            codec = self._converter.payload_codec
            given = list(payloads[:1])
            (read,) = await codec.decode(given) if codec else given
        except PayloadError as error:
            self.unread = str(error)
            return None
        if not read.metadata.get("encoding", b"").startswith(b"json/"):
            return None
        return json.loads(read.data)

    async def facts(self, payloads: Sequence[Payload]) -> dict[str, Any] | None:
        """The first value where it is an object, else an empty one; None where it is unreadable."""
        known, self.unread = self.unread, None
        value = await self.first(payloads)
        unreadable, self.unread = self.unread is not None, self.unread or known
        if unreadable:
            return None
        return cast("dict[str, Any]", value) if isinstance(value, dict) else {}

    async def in_words(self, failure: Failure) -> str:
        """The failure's types and messages, which never quote a person."""
        try:
            error = await self._converter.decode_failure(failure)
        except PayloadError as unread:
            self.unread = str(unread)
            return UNREADABLE
        return _said(error)


def _said(error: BaseException) -> str:
    match error:
        case ApplicationError():
            name = error.type or "an error"
            return f"{name}: {error.message}" if error.message else name
        case NoAnswer():
            kind = error.type.name.lower().replace("_", " ") if error.type else "time-out"
            return f"no answer in time ({kind})"
        case FailureError():
            inner = f": {_said(error.__cause__)}" if error.__cause__ is not None else ""
            return f"{error.message}{inner}"
        case _:
            return type(error).__name__
