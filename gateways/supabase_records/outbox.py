from datetime import timedelta
from uuid import UUID

from pydantic import TypeAdapter

from domain.outbox import LetterSweep, Refusal, ReminderOrder, Undelivered
from domain.registrations import Notification
from gateways.supabase_records.client import ANY, DataApiClient

_NOTIFICATIONS = TypeAdapter(list[Notification])
_UNDELIVERED = TypeAdapter(tuple[Undelivered, ...])
_MAYBE_UNDELIVERED = TypeAdapter[Undelivered | None](Undelivered | None)
_NUMBER = TypeAdapter(int)


class Outbox(DataApiClient):
    """Letters waiting to be sent."""

    async def unsent(
        self,
        registration_id: UUID,
        claimer: str | None = None,
        claimed_for: timedelta | None = None,
    ) -> list[Notification]:
        return await self._call(
            "unsent_notifications",
            _NOTIFICATIONS,
            registration_id=registration_id,
            claimer=claimer,
            claimed_for=claimed_for,
        )

    async def mark_sent(self, notification_id: UUID) -> None:
        await self._call("mark_notification_sent", ANY, notification_id=notification_id)

    async def undelivered_letters(
        self, sweep: LetterSweep, claimer: str
    ) -> tuple[Undelivered, ...]:
        return await self._call("undelivered_letters", _UNDELIVERED, sweep=sweep, claimer=claimer)

    async def owe_reminders(self, order: ReminderOrder) -> int:
        return await self._call("owe_reminders", _NUMBER, order=order)

    async def reminders_to_send(
        self, order: ReminderOrder, claimer: str
    ) -> tuple[Undelivered, ...]:
        return await self._call("reminders_to_send", _UNDELIVERED, order=order, claimer=claimer)

    async def put_off_letter(self, notification_id: UUID, claimer: str, pause: timedelta) -> None:
        await self._call(
            "put_off_letter", ANY, notification_id=notification_id, claimer=claimer, pause=pause
        )

    async def refuse_letter(self, notification_id: UUID, because: Refusal) -> None:
        await self._call("refuse_letter", ANY, notification_id=notification_id, because=because)

    async def note_bounce(self, message_id: str) -> Undelivered | None:
        return await self._call("note_bounce", _MAYBE_UNDELIVERED, message_id=message_id)
