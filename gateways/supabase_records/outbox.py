from uuid import UUID

from pydantic import TypeAdapter

from domain.registrations import Notification
from gateways.supabase_records.client import ANY, DataApiClient

_NOTIFICATIONS = TypeAdapter(list[Notification])


class Outbox(DataApiClient):
    """Letters waiting to be sent."""

    async def unsent(self, registration_id: UUID) -> list[Notification]:
        return await self._call(
            "unsent_notifications", _NOTIFICATIONS, registration_id=registration_id
        )

    async def mark_sent(self, notification_id: UUID) -> None:
        await self._call("mark_notification_sent", ANY, notification_id=notification_id)
