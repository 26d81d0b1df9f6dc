"""The door of the server: open, or refusing connections for a while."""

from typing import Protocol


class Gate(Protocol):
    """Something that can stop listening for a time."""

    def refuse(self, seconds: float, *, in_seconds: float, keep_existing: bool) -> None:
        """Stop listening in `in_seconds`, for `seconds`, then listen again on the same port."""
        ...


class NoGate:
    """For an application that is not served by our own server; nothing is refused."""

    def refuse(self, seconds: float, *, in_seconds: float, keep_existing: bool) -> None:
        """Do nothing."""
