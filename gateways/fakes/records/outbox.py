from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from domain.errors import RecordMissing
from domain.mail import letter_id
from domain.outbox import LetterSweep, Refusal, Undelivered
from domain.registrations import Notification
from domain.states import UNDER_WAY, NotificationKind, RegistrationStatus
from gateways.fakes.records.outbox_row import OutboxRow
from gateways.fakes.records.tables import Tables

_ABOUT_WHAT_LIES_AHEAD = {
    NotificationKind.SCHEDULED,
    NotificationKind.RESCHEDULED,
    NotificationKind.PROBLEM_AHEAD,
    NotificationKind.OPENING_TOMORROW,
}
_AT_A_TIME = {
    NotificationKind.OPENING_TOMORROW,
    NotificationKind.PROFILE_INCOMPLETE,
    NotificationKind.RECEIPT_FOLLOW_UP,
}
"""Owed by no transition."""


class Outbox(Tables):
    """Letters waiting to be sent."""

    async def unsent(
        self,
        registration_id: UUID,
        claimer: str | None = None,
        claimed_for: timedelta | None = None,
    ) -> list[Notification]:
        waiting = [
            letter
            for letter in self.waiting()
            if letter.notification.registration_id == registration_id
            and (letter.notification.kind not in _AT_A_TIME or self.timely(letter))
        ]
        if claimer is not None:
            waiting = [letter for letter in waiting if self.free_for(letter, claimer)]
            self._claim(waiting, claimer, claimed_for or timedelta())
        return [letter.notification for letter in waiting]

    async def mark_sent(self, notification_id: UUID) -> None:
        letter = self._letter(notification_id)
        if letter.sent_at is None:
            self._renew(letter, sent_at=self.now())

    async def undelivered_letters(
        self, sweep: LetterSweep, claimer: str
    ) -> tuple[Undelivered, ...]:
        due = [letter for letter in self.waiting() if self._is_due(letter, sweep, claimer)]
        return self._handed_out(due[: sweep.limit], claimer, sweep.claimed_for)

    def _handed_out(
        self, due: list[OutboxRow], claimer: str, lasting: timedelta
    ) -> tuple[Undelivered, ...]:
        """Those letters, claimed."""
        self._claim(due, claimer, lasting)
        return tuple(
            Undelivered(
                notification=letter.notification,
                code=self.rows[letter.notification.registration_id].code,
                tries=letter.tries,
            )
            for letter in due
        )

    async def put_off_letter(self, notification_id: UUID, claimer: str, pause: timedelta) -> None:
        letter = self._letter(notification_id)
        if letter.claimed_by == claimer:
            self._renew(
                letter,
                tries=letter.tries + 1,
                next_try_at=self.now() + pause,
                claimed_by=None,
                claimed_until=None,
            )

    async def refuse_letter(self, notification_id: UUID, because: Refusal) -> None:
        letter = self._letter(notification_id)
        if letter.refusal is None:
            self._renew(letter, refusal=because)

    async def note_bounce(self, message_id: str) -> Undelivered | None:
        for letter in self.outbox.values():
            told = letter.notification
            if letter_id(told.kind.value, told.registration_id, told.period) == message_id:
                if letter.refusal is None:
                    self._renew(letter, refusal=Refusal.BOUNCED)
                code = self.rows[told.registration_id].code
                return Undelivered(notification=told, code=code, tries=letter.tries)
        return None

    def waiting(self) -> list[OutboxRow]:
        """Neither sent nor refused, oldest first."""
        return [
            letter
            for letter in self.outbox.values()
            if letter.sent_at is None and letter.refusal is None
        ]

    def _is_due(self, letter: OutboxRow, sweep: LetterSweep, claimer: str) -> bool:
        now = self.now()
        return (
            self.free_for(letter, claimer)
            and letter.created_at <= now - sweep.first_after
            and letter.created_at > now - sweep.worth
            and (letter.next_try_at is None or letter.next_try_at <= now)
            and self.timely(letter)
        )

    def timely(self, letter: OutboxRow) -> bool:
        """Whether it still says something."""
        told = letter.notification
        row = self.rows[told.registration_id]
        if told.kind in _ABOUT_WHAT_LIES_AHEAD and row.status not in UNDER_WAY:
            return False
        match told.kind:
            case NotificationKind.OPENING_TOMORROW:
                return told.period == opening_period(row.scheduled_time)
            case NotificationKind.PROFILE_INCOMPLETE:
                return row.status is RegistrationStatus.DRAFT
            case NotificationKind.RECEIPT_FOLLOW_UP:
                return row.status is RegistrationStatus.COMPLETED
            case _:
                return True

    def free_for(self, letter: OutboxRow, claimer: str) -> bool:
        """Whether nobody else is at it."""
        return (
            letter.claimed_until is None
            or letter.claimed_until <= self.now()
            or letter.claimed_by == claimer
        )

    def _claim(self, letters: Iterable[OutboxRow], claimer: str, lasting: timedelta) -> None:
        for letter in letters:
            self._renew(letter, claimed_by=claimer, claimed_until=self.now() + lasting)

    def _letter(self, notification_id: UUID) -> OutboxRow:
        if notification_id not in self.outbox:
            raise RecordMissing("there is no such notification")
        return self.outbox[notification_id]

    def _renew(self, letter: OutboxRow, **changes: object) -> None:
        self.outbox[letter.notification.id] = letter.model_copy(update=changes)


def opening_period(opening: datetime) -> str:
    """The period of what is told ahead of that opening."""
    return f"{opening:%Y%m%dT%H%M%SZ}"
