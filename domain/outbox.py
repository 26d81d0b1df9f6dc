"""Letters that did not go out at once, and how they are tried again."""

from datetime import timedelta
from enum import StrEnum

from pydantic import Field

from domain.frozen import Frozen
from domain.job_orders import JobOrder
from domain.registrations import Notification

CLAIMED_FOR = timedelta(minutes=2)
"""By the workflow of its own registration: twice as long as one try of all its letters may take."""


class LetterSweep(JobOrder):
    """Which letters are tried again, and when."""

    first_after: timedelta = timedelta(minutes=12)
    """The registration's own workflow tries for ten minutes."""
    worth: timedelta = timedelta(days=4)
    """An older letter would rather confuse than inform: it is left, and told by the doctor."""
    pauses: tuple[timedelta, ...] = (
        timedelta(minutes=5),
        timedelta(minutes=15),
        timedelta(hours=1),
        timedelta(hours=3),
        timedelta(hours=6),
        timedelta(hours=12),
        timedelta(hours=24),
        timedelta(hours=24),
    )
    """Before each further try. The one after the last is the last: some three days in all, as long
    as mail servers themselves try."""
    claimed_for: timedelta = timedelta(minutes=6)
    """Longer than one try of the activity may take."""
    limit: int = Field(default=20, ge=1, le=10_000)


class ReminderOrder(JobOrder):
    """What is due to be told at a time, and how it is sent."""

    quiet: timedelta = timedelta(hours=12)
    """Nobody is reminded of what they did, or were told, a moment ago."""
    follow_up_after: timedelta = timedelta(days=7)
    """A receipt's; within as long again, should runs have been missed."""
    fee_after: tuple[timedelta, ...] = (timedelta(days=3), timedelta(days=10), timedelta(days=24))
    """Since the booking: once at each, while the fee is unpaid."""
    fee_until: timedelta = timedelta(days=30)
    """As long as the registration's own workflow waits for it."""
    claimed_for: timedelta = timedelta(minutes=6)
    """Longer than a page of letters takes at a slow mail server."""
    limit: int = Field(default=20, ge=1, le=10_000)
    """Of a page."""


class Refusal(StrEnum):
    """Why a letter is sent no more."""

    REFUSED = "refused"
    """The mail server will not take it, now or later: mostly there is no such address."""
    GIVEN_UP = "given_up"
    """Every try was in vain."""
    BOUNCED = "bounced"
    """It was sent, and came back."""

    def in_words(self) -> str:
        """For an operator."""
        return _WHY[self]


_WHY = {
    Refusal.REFUSED: "the mail server refused it for good; mostly there is no such address",
    Refusal.GIVEN_UP: "the mail server took it at none of the tries of three days",
    Refusal.BOUNCED: "it came back after it was sent; mostly there is no such address any more",
}


class Undelivered(Frozen):
    """A letter to be tried again, claimed."""

    notification: Notification
    code: str
    """Of its registration."""
    tries: int = Field(ge=0)
    """Of the sweep, in vain so far."""


class LetterReport(Frozen):
    """What came of trying letters again."""

    sent: int = 0
    put_off: int = 0
    refused: int = 0
    """For good, or given up."""

    def __add__(self, other: "LetterReport") -> "LetterReport":
        """Both together."""
        return LetterReport(
            sent=self.sent + other.sent,
            put_off=self.put_off + other.put_off,
            refused=self.refused + other.refused,
        )


class ReminderReport(Frozen):
    """What came of reminding."""

    owed: int = 0
    """Letters that were new; those found already owed are not counted again."""
    letters: LetterReport = LetterReport()
