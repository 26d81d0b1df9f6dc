"""What was sent for one booking, and what came of each request."""

from collections import Counter
from datetime import datetime

from domain.booking import Confirmed
from domain.contracts import MOST_TRIES, Try
from domain.frozen import Frozen


class SentRequest(Frozen):
    """One request that left, by our clock."""

    sent_at: datetime
    """Its first byte."""
    answered_at: datetime
    """Its whole answer; of a refusal, the end of the look that told its cause."""
    answer: str
    """`Booked`, or the error's type."""


class Tries:
    """The requests of one booking, in order: the first MOST_TRIES and the last are kept.

    Attributes:
        sent: how many there were.
        first_byte: when the first left; None before any.
        arrived_at: when the first reached the provider, where it tells.
        requests: those that left: the first MOST_TRIES and the last.
        answers: how many ended how, one that could not leave included.
    """

    def __init__(self) -> None:
        self.sent = 0
        self.first_byte: datetime | None = None
        self.arrived_at: datetime | None = None
        self._left: datetime | None = None
        self.requests: list[SentRequest] = []
        self.answers: Counter[str] = Counter()

    def begin(self) -> None:
        """The next request is about to be sent."""
        self.sent += 1
        self._left = None

    def left(self, at: datetime) -> None:
        """Its first byte leaves now."""
        self._left = at
        if self.first_byte is None:
            self.first_byte = at

    def answered(self, answer: Confirmed | Exception, at: datetime) -> None:
        """What came of it, known at that instant. One that never left is none."""
        booked = isinstance(answer, Confirmed)
        said = "Booked" if booked else type(answer).__name__
        self.answers[said] += 1
        if self._left is None:
            self.sent -= 1
            return
        if booked:
            at = self._left + answer.round_trip
            if self.sent == 1:
                self.arrived_at = answer.arrived_at
        if len(self.requests) > MOST_TRIES:
            self.requests.pop()
        self.requests.append(SentRequest(sent_at=self._left, answered_at=at, answer=said))

    @property
    def kept(self) -> tuple[Try, ...]:
        """The record of them."""
        return tuple(Try(sent_at=one.sent_at, answer=one.answer) for one in self.requests)
