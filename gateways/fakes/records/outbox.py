from uuid import UUID

from domain.errors import RecordMissing
from domain.registrations import Notification
from gateways.fakes.records.tables import Tables


class Outbox(Tables):
    """Letters waiting to be sent."""

    async def unsent(self, registration_id: UUID) -> list[Notification]:
        return [
            letter.notification
            for letter in self.outbox.values()
            if letter.sent_at is None and letter.notification.registration_id == registration_id
        ]

    async def mark_sent(self, notification_id: UUID) -> None:
        if notification_id not in self.outbox:
            raise RecordMissing("there is no such notification")
        letter = self.outbox[notification_id]
        if letter.sent_at is None:
            self.outbox[notification_id] = letter.model_copy(update={"sent_at": self.now()})
