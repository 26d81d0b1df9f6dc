from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from pydantic import TypeAdapter

from domain.sweeps import BookingSweep, FeeSweep, Look, OpenFees, RunSweep, RunToCheck, Surplus
from gateways.supabase_records.client import ANY, DataApiClient

_LOOKS = TypeAdapter(tuple[Look, ...])
_PERHAPS_LOOK = TypeAdapter[Look | None](Look | None)
_RUNS = TypeAdapter(tuple[RunToCheck, ...])
_OPEN_FEES = TypeAdapter(OpenFees)


class Sweeps(DataApiClient):
    """What is looked at again, and how far that has come."""

    async def due_looks(self, sweep: BookingSweep) -> tuple[Look, ...]:
        return await self._call("due_looks", _LOOKS, sweep=sweep)

    async def note_look(self, look: Look, put_off: timedelta | None = None) -> None:
        await self._call("note_look", ANY, look=look, put_off=put_off)

    async def noticed_look(
        self, provider: str, booking_number: str | None, reference: str | None
    ) -> Look | None:
        return await self._call(
            "noticed_look",
            _PERHAPS_LOOK,
            provider=provider,
            booking_number=booking_number,
            reference=reference,
        )

    async def note_surplus(
        self, registration_id: UUID, surplus: Surplus, operation_key: str
    ) -> None:
        await self._call(
            "note_surplus",
            ANY,
            registration_id=registration_id,
            surplus=surplus,
            operation_key=operation_key,
        )

    async def runs_to_check(self, sweep: RunSweep) -> tuple[RunToCheck, ...]:
        return await self._call("runs_to_check", _RUNS, sweep=sweep)

    async def note_runs_checked(self, registration_ids: Sequence[UUID]) -> None:
        await self._call("note_runs_checked", ANY, registration_ids=registration_ids)

    async def open_fees(self, sweep: FeeSweep) -> OpenFees:
        return await self._call("open_fees", _OPEN_FEES, sweep=sweep)

    async def note_fees_asked(self, registration_ids: Sequence[UUID]) -> None:
        await self._call("note_fees_asked", ANY, registration_ids=registration_ids)
