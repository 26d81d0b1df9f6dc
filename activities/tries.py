"""What was sent for one booking, and what came of each request."""

from datetime import datetime

from domain.booking import Confirmed
from domain.contracts import MOST_TRIES, Try


class Tries:
    """The requests of one booking, in order: the first MOST_TRIES and the last are kept.

    Attributes:
        sent: how many there were.
        first_byte: when the first left; None before any.
        arrived_at: when the first reached the provider, where it tells.
    """

    def __init__(self) -> None:
        self.sent = 0
        self.first_byte: datetime | None = None
        self.arrived_at: datetime | None = None
        self._left: datetime | None = None
        self._kept: list[Try] = []

    def begin(self) -> None:
        """The next request is about to be sent."""
        self.sent += 1
        self._left = None

    def left(self, at: datetime) -> None:
        """Its first byte leaves now."""
        self._left = at
        if self.first_byte is None:
            self.first_byte = at

    def answered(self, answer: Confirmed | Exception) -> None:
        """What came of it. One that never left is none."""
        if self._left is None:
            self.sent -= 1
            return
        booked = isinstance(answer, Confirmed)
        if booked and self.sent == 1:
            self.arrived_at = answer.arrived_at
        made = Try(sent_at=self._left, answer="Booked" if booked else type(answer).__name__)
        if len(self._kept) > MOST_TRIES:
            self._kept.pop()
        self._kept.append(made)

    @property
    def kept(self) -> tuple[Try, ...]:
        """The record of them."""
        return tuple(self._kept)
