"""What the sweeps ask the database, and what they write down."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol
from uuid import UUID

from domain.sweeps import BookingSweep, FeeSweep, Look, OpenFees, RunSweep, RunToCheck, Surplus


class SweepRecords(Protocol):
    """What is looked at again, and how far that has come."""

    async def due_looks(self, sweep: BookingSweep) -> tuple[Look, ...]:
        """Ended registrations whose bookings are to be looked at now, longest due first.

        Where several of the delays have passed, one look settles them all.
        """
        ...

    async def note_look(self, look: Look, put_off: timedelta | None = None) -> None:
        """The look is settled, or comes again after so long. Repeatable.

        Of a registration whose markers changed since, nothing is kept.
        """
        ...

    async def noticed_look(
        self, provider: str, booking_number: str | None, reference: str | None
    ) -> Look | None:
        """The registration of that booking: whose receipt names it, else by our reference.

        In this order, because a person may have given a booking of one registration to another.

        None where it is none of ours.
        """
        ...

    async def note_surplus(
        self, registration_id: UUID, surplus: Surplus, operation_key: str
    ) -> None:
        """Record live bookings that should not be, in the audit trail.

        Raises:
            Conflict: the recorded booking of a registration that is booked is among them.
        """
        ...

    async def runs_to_check(self, sweep: RunSweep) -> tuple[RunToCheck, ...]:
        """Registrations under way whose workflow is to be asked after now."""
        ...

    async def note_runs_checked(self, registration_ids: Sequence[UUID]) -> None:
        """Their workflows were asked after just now."""
        ...

    async def open_fees(self, sweep: FeeSweep) -> OpenFees:
        """Money that is not settled, as far as it is to be looked at now."""
        ...

    async def note_fees_asked(self, registration_ids: Sequence[UUID]) -> None:
        """Their fees were looked at just now."""
        ...
