"""Registrations that wait for a person."""

from typing import Protocol
from uuid import UUID

from domain.contracts import Standing
from domain.review import ReviewCase, ReviewOutcome


class ReviewRecords(Protocol):
    """What nobody could tell, and what a person decided."""

    async def review_case(self, registration_id: UUID) -> ReviewCase | None:
        """All that is known of it, decided or not; None where it never waited for a person.

        Raises:
            RecordMissing: there is no such registration.
        """
        ...

    async def booking_owner(self, registration_id: UUID, booking_number: str) -> str | None:
        """The code of another registration, at the same provider, that has that booking."""
        ...

    async def resolve_review(self, order: ReviewOutcome) -> Standing:
        """Needs_review -> completed or failed, with its audit events, letters and alert.

        A repeat with its operation key gives the first answer.

        Raises:
            Conflict: it does not wait for a person, or changed meanwhile, or another booking was
                recorded for it.
            RecordRejected: `booking_taken`, another registration has that booking; `fee_charged`,
                a fee that was sent stands against "not booked"; or as `record_outcome` does.
        """
        ...
