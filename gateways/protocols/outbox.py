"""The letters to parents, from the transaction that owes one to the mail server that takes it."""

from datetime import timedelta
from typing import Protocol
from uuid import UUID

from domain.outbox import LetterSweep, Refusal, ReminderOrder, Undelivered
from domain.registrations import Notification


class OutboxRecords(Protocol):
    """Letters waiting to be sent.

    Whoever sends one claims it first, in a name of its own: nobody else sends it until the claim
    has run out, and the same name may claim it again at any time.
    """

    async def unsent(
        self,
        registration_id: UUID,
        claimer: str | None = None,
        claimed_for: timedelta | None = None,
    ) -> list[Notification]:
        """Those of a registration, oldest first.

        With a claimer only what nobody else is at, claimed for that long; without one, all.
        """
        ...

    async def mark_sent(self, notification_id: UUID) -> None:
        """It went out. Repeatable."""
        ...

    async def undelivered_letters(
        self, sweep: LetterSweep, claimer: str
    ) -> tuple[Undelivered, ...]:
        """Those of anybody that are to be tried again now, oldest first, claimed.

        A letter about what lies ahead is none of them, once its registration has ended.
        """
        ...

    async def owe_reminders(self, order: ReminderOrder) -> int:
        """Put in the outbox what is due as of the order's nominal time: each letter once, however
        often it is asked. How many were new.
        """
        ...

    async def reminders_to_send(
        self, order: ReminderOrder, claimer: str
    ) -> tuple[Undelivered, ...]:
        """Reminders that nobody has tried to send yet, oldest first, claimed.

        One about what is no more so is none of them.
        """
        ...

    async def put_off_letter(self, notification_id: UUID, claimer: str, pause: timedelta) -> None:
        """The claimer's try was in vain: it comes again after so long. Counted once a claim."""
        ...

    async def refuse_letter(self, notification_id: UUID, because: Refusal) -> None:
        """It is sent no more. Repeatable; the first cause stays."""
        ...

    async def note_bounce(self, message_id: str) -> Undelivered | None:
        """The letter of that Message-ID came back. None where none has it. Repeatable."""
        ...
