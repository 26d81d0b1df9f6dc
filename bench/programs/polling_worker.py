"""The kind of worker that the service replaces: it asks the table every second what is due.

One process, one job after the other: book, charge, record. Nothing survives its end.
"""

import asyncio
import signal
import sys
from datetime import UTC, datetime

from connection import Gateways, open_gateways
from domain.booking import BookingOrder, Confirmed
from domain.contracts import BookingFacts, ChargeResult, ClaimOrder, OutcomeOrder
from domain.errors import OutsideError
from domain.identifiers import external_ref, operation_key
from domain.registrations import Registration
from domain.states import FeeStatus, RegistrationStatus

PERIOD_S = 1.0
AT_MOST = 50
"""Rows that one look at the table brings, soonest opening first."""


async def run() -> None:
    """Poll until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with open_gateways() as gateways:
        while not stop.is_set():
            due = await _due(gateways)
            for row in due:
                try:
                    await _job(gateways, row)
                except OutsideError as error:
                    sys.stderr.write(f"{row.code}: {type(error).__name__}: {error}\n")
            if not due:
                await asyncio.sleep(PERIOD_S)


async def _due(gateways: Gateways) -> list[Registration]:
    rows = await gateways.records.all_registrations(AT_MOST, RegistrationStatus.PENDING.value)
    return [row for row in rows if row.scheduled_time <= datetime.now(UTC)]


async def _job(gateways: Gateways, row: Registration) -> None:
    records = gateways.records
    claim = await records.claim(
        ClaimOrder(
            registration_id=row.id,
            expected_version=row.version,
            operation_key=operation_key(row.id, "claim"),
        )
    )
    attempt = await records.open_attempt(
        row.id, claim.send_at, operation_key(row.id, "attempt/poll")
    )
    facts = _facts(row, await _booked(gateways, row))
    frozen, _ = await records.open_charge(
        row.id, 1, attempt.marker.fence, facts.booking_number, operation_key(row.id, "charge")
    )
    charge = ChargeResult(fee_status=FeeStatus.DUE)
    if frozen is not None:
        outcome = await gateways.payments.charge(frozen)
        charge = ChargeResult(fee_status=FeeStatus.PAID, outcome=outcome)
    await records.record_outcome(
        OutcomeOrder(
            registration_id=row.id,
            expected_version=claim.standing.version,
            operation_key=operation_key(row.id, "outcome"),
            status=RegistrationStatus.COMPLETED,
            booking=facts,
            fence=attempt.marker.fence,
            charge=charge,
        )
    )


async def _booked(gateways: Gateways, row: Registration) -> Confirmed:
    dossier = await gateways.records.dossier(row.id)
    provider = gateways.providers.account(dossier.account.credentials_ref)
    if dossier.guardian is None:
        raise AssertionError("a confirmed registration has a guardian")
    category = dossier.program.people_category
    return await provider.book(
        BookingOrder(
            reference=external_ref(row.id),
            product_id=row.program_ref,
            event_id=row.event_id,
            event_start=dossier.program.starts_at,
            people_category=category,
            people=await provider.people(dossier.guardian, dossier.children, category),
        )
    )


def _facts(row: Registration, confirmed: Confirmed) -> BookingFacts:
    price = confirmed.booking.price
    late = confirmed.first_byte_at - row.scheduled_time
    return BookingFacts(
        booking_number=confirmed.booking.booking_number,
        price_cents=price.amount_cents if price else None,
        currency=price.currency if price else None,
        first_request_at=confirmed.first_byte_at,
        lateness_ms=max(round(late.total_seconds() * 1_000), 0),
        queue_delay_ms=0,
        attempts=1,
    )


if __name__ == "__main__":
    asyncio.run(run())
