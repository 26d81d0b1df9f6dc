"""What a handler gives back."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer, complete, before any fault touches it."""

    status: int
    content: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    deferred: bool = False
    """The work was only scheduled: the ledger shows no commit until the job records one."""

    @classmethod
    def of(cls, value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Self:
        """A JSON answer."""
        return cls(
            status,
            json.dumps(value, separators=(",", ":")).encode(),
            {"content-type": "application/json", **(headers or {})},
        )

    @classmethod
    def page(cls, html: str, status: int = 200) -> Self:
        """An HTML answer."""
        return cls(status, html.encode(), {"content-type": "text/html; charset=utf-8"})


class Refused(Exception):
    """A handler declines: its transaction is rolled back and the vendor words the error.

    Attributes:
        status: the HTTP status.
        message: a sentence for a person; never personal data or a key.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
