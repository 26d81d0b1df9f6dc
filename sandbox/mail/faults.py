"""Faults of single mailboxes: what the next letters to an address meet."""

from enum import StrEnum
from threading import Lock
from typing import Annotated

from pydantic import Field

from domain.frozen import Frozen

HANGS_S = 15.0
"""Longer than a client waits for an answer."""


class MailFaultKind(StrEnum):
    """What happens to a letter at its end."""

    REFUSE = "refuse"
    """451: try later."""
    HANG = "hang"
    """Nothing is answered until the client has long gone; then the letter is taken."""
    DROP_AFTER_DATA = "drop_after_data"
    """The letter is taken, and the connection is reset without an answer."""


class MailFault(Frozen):
    """The next `times` letters to that address meet it."""

    recipient: str
    kind: MailFaultKind
    times: Annotated[int, Field(ge=1)] = 1


class MailFaults:
    """Those not yet used up; the oldest of an address first."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._left: list[MailFault] = []

    def add(self, fault: MailFault) -> None:
        """Keep it until it is used up."""
        with self._lock:
            self._left.append(fault)

    def take(self, recipients: list[str]) -> MailFault | None:
        """What a letter to them meets, counted."""
        with self._lock:
            for place, fault in enumerate(self._left):
                if fault.recipient in recipients:
                    less = fault.times - 1
                    left = [fault.model_copy(update={"times": less})] if less else []
                    self._left[place : place + 1] = left
                    return fault
            return None
