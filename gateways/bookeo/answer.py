"""What came back from the provider, or did not."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx

LARGEST_ANSWER = 2_000_000
"""Bytes. A page of 300 slots is far below it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer. The body may hold personal data and is kept out of the repr."""

    status: int
    headers: httpx.Headers
    body: bytes
    first_byte_at: datetime
    """When the request was about to be written."""
    head_after: timedelta
    """From there to the answer's head."""
    round_trip: timedelta
    """From there to the last byte of the answer."""

    def __repr__(self) -> str:
        return f"Answer({self.status}, {len(self.body)} bytes)"


class NotSent(Exception):
    """No connection: not a byte of the request left."""


class NoAnswer(Exception):
    """The request may have been sent, and no whole answer came.

    Attributes:
        evidence: what was seen, in at most 80 characters, never personal.
    """

    def __init__(self, evidence: str) -> None:
        super().__init__(evidence)
        self.evidence = evidence[:80]
