"""One bad input, and what came back."""

from dataclasses import dataclass
from typing import Protocol

SERVER_ERROR = 500


@dataclass(frozen=True)
class Outcome:
    """What came back for one input."""

    kind: str
    status: int
    """Of HTTP; 0 where the server ended the connection without an answer."""
    fault: str = ""
    """What is wrong with the answer, in a sentence; empty where nothing is."""


class Blow(Protocol):
    """One bad input."""

    async def land(self) -> Outcome:
        """Send it, and judge the answer by itself."""
        ...


def judged(kind: str, status: int, fault: str = "") -> Outcome:
    """The outcome, where no answer may be a server's error."""
    if status >= SERVER_ERROR and not fault:
        fault = f"it was answered with {status}"
    return Outcome(kind, status, fault)
