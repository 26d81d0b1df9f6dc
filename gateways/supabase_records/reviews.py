from uuid import UUID

from pydantic import TypeAdapter

from domain.contracts import Standing
from domain.review import ReviewCase, ReviewOutcome
from gateways.supabase_records.client import DataApiClient

_PERHAPS_CASE = TypeAdapter[ReviewCase | None](ReviewCase | None)
_PERHAPS_CODE = TypeAdapter[str | None](str | None)
_STANDING = TypeAdapter(Standing)


class Reviews(DataApiClient):
    """Registrations that wait for a person."""

    async def review_case(self, registration_id: UUID) -> ReviewCase | None:
        return await self._call("review_case", _PERHAPS_CASE, registration_id=registration_id)

    async def booking_owner(self, registration_id: UUID, booking_number: str) -> str | None:
        return await self._call(
            "booking_owner",
            _PERHAPS_CODE,
            registration_id=registration_id,
            booking_number=booking_number,
        )

    async def resolve_review(self, order: ReviewOutcome) -> Standing:
        return await self._call("resolve_review", _STANDING, order=order)
