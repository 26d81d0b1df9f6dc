"""Live bookings beyond the one that is kept: written down, told, and cancelled at the provider."""

import hashlib

import structlog

from domain.errors import ProviderError
from domain.findings import alert_about
from domain.identifiers import operation_key
from domain.looking_again import Judgement
from domain.registrations import Registration
from domain.sweeps import Surplus
from gateways import BookingProvider, Records

log = structlog.stdlib.get_logger(__name__)


class SurplusBookings:
    """Cancels what is too much, whoever comes upon it first. Everything may be repeated."""

    def __init__(self, records: Records) -> None:
        self._records = records

    async def cancel(
        self,
        provider: BookingProvider,
        row: Registration,
        judgement: Judgement,
        live: tuple[str, ...],
    ) -> bool:
        """Cancel the judgement's surplus, without policy and notice; whether none of it stands.

        Written down and told before the first is cancelled: a crash then leaves a trace.

        Raises:
            RecordsError: the database did not take it; what is cancelled by then stays so.
        """
        surplus = Surplus(
            recorded=row.booking_number, kept=judgement.kept, standing=judgement.surplus
        )
        await self._write_down(row, surplus)
        await self.tell(row, judgement, live, surplus)
        for number in judgement.surplus:
            try:
                await provider.cancel(number, "duplicate")
            except ProviderError as refused:
                log.warning(
                    "surplus_stands",
                    registration_id=row.id,
                    booking_number=number,
                    error=type(refused).__name__,
                )
                continue
            surplus = surplus.model_copy(
                update={
                    "standing": tuple(one for one in surplus.standing if one != number),
                    "cancelled": (*surplus.cancelled, number),
                }
            )
        if surplus.cancelled:
            await self._write_down(row, surplus)
            await self.tell(row, judgement, live, surplus)
        return not surplus.standing

    async def tell(
        self,
        row: Registration,
        judgement: Judgement,
        live: tuple[str, ...],
        surplus: Surplus,
    ) -> None:
        """Raise the alert that the judgement asks for, if any. Raises RecordsError."""
        alert = alert_about(row, judgement, live, surplus)
        if alert is not None:
            log.error("looked_again", registration_id=row.id, finding=judgement.finding)
            await self._records.raise_alert(alert)

    async def _write_down(self, row: Registration, surplus: Surplus) -> None:
        # The same state met again, by a retry or at the next look, is the same event.
        state = hashlib.sha256(surplus.model_dump_json().encode()).hexdigest()[:16]
        await self._records.note_surplus(row.id, surplus, operation_key(row.id, f"surplus/{state}"))
