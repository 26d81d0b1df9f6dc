"""The service as a whole: whether bookings run, and what a restore left to reconcile."""

from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from domain.contracts import Standing
from domain.figures import OVERDUE_AFTER, SOON, ServiceFigures
from domain.service import ServiceState


class ServiceRecords(Protocol):
    """The service as a whole, in an operator's hand."""

    async def service_state(self) -> ServiceState: ...

    async def service_figures(
        self, soon: timedelta = SOON, late: timedelta = OVERDUE_AFTER
    ) -> ServiceFigures:
        """How much of everything is open now; one look, cheap enough for twice a minute.

        An opening is soon within `soon`, and overdue `late` after it.
        """
        ...

    async def pause_bookings(
        self, because: str, backup_taken_at: datetime | None = None
    ) -> ServiceState:
        """Nothing is claimed and no marker opened until they run again: BookingsPaused.

        While paused, a repeat keeps the first instant and reason. With `backup_taken_at` the
        database was restored from a backup of then: until that is reconciled, nothing pending
        can fail either, and no charge is frozen.

        Raises:
            RecordRejected: `no_reason`, `backup_in_future`.
        """
        ...

    async def resume_bookings(self, *, reconciled: bool = False) -> ServiceState:
        """They run again; after a restore only for who says that it was reconciled.

        Raises:
            RecordRejected: `not_reconciled`.
        """
        ...

    async def mark_possibly_booked(self, registration_id: UUID) -> Standing:
        """Open a marker that forces a look-up before any send; one that is pending is claimed.

        For a restore that waits to be reconciled. Repeatable.

        Raises:
            Conflict: it has ended, or no restore waits.
        """
        ...
