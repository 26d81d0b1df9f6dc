from datetime import datetime, timedelta
from uuid import UUID

from pydantic import TypeAdapter

from domain.contracts import Standing
from domain.figures import OVERDUE_AFTER, SOON, ServiceFigures
from domain.service import ServiceState
from gateways.supabase_records.client import DataApiClient

_STATE = TypeAdapter(ServiceState)
_FIGURES = TypeAdapter(ServiceFigures)
_STANDING = TypeAdapter(Standing)


class Service(DataApiClient):
    """The service as a whole."""

    async def service_state(self) -> ServiceState:
        return await self._call("service_state", _STATE)

    async def service_figures(
        self, soon: timedelta = SOON, late: timedelta = OVERDUE_AFTER
    ) -> ServiceFigures:
        return await self._call("service_figures", _FIGURES, soon=soon, late=late)

    async def pause_bookings(
        self, because: str, backup_taken_at: datetime | None = None
    ) -> ServiceState:
        return await self._call(
            "pause_bookings", _STATE, because=because, backup_taken_at=backup_taken_at
        )

    async def resume_bookings(self, *, reconciled: bool = False) -> ServiceState:
        return await self._call("resume_bookings", _STATE, reconciled=reconciled)

    async def mark_possibly_booked(self, registration_id: UUID) -> Standing:
        return await self._call("mark_possibly_booked", _STANDING, registration_id=registration_id)
