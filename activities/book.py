"""The activity that books: armed before the opening, releasable until it sends."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from uuid import uuid4

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.booking_procedure import BookingProcedure, WorkerStopping
from activities.booking_results import REFUSED_ACCESS, refused
from activities.clock import Clock
from activities.failures import as_failure
from activities.heartbeat import heartbeating
from domain.attempts import OpenedAttempt
from domain.booking import BookingOrder, ProviderPeople
from domain.contracts import BookingEnd, BookingResult, BookOrder
from domain.errors import OutsideError, Unauthorised
from domain.identifiers import external_ref, operation_key
from domain.registrations import Dossier
from domain.states import FailureCode
from gateways import BookingProvider, BookingProviders, Records

STOPPED_RETRY = timedelta(milliseconds=100)


class Bookings:
    """Books a registration exactly once, as far as anyone can at a provider without keys."""

    def __init__(self, records: Records, providers: BookingProviders, clock: Clock) -> None:
        self._records = records
        self._providers = providers
        self._clock = clock

    @activity.defn(name="book")
    async def book(self, order: BookOrder) -> BookingResult:
        """Write a marker, wait, send at `send_at`, and find out what became of it.

        The marker has a fence number of its own, never Temporal's attempt, which a reset
        starts anew. Any unclosed earlier marker is reconciled before anything is sent. A
        cancellation before the send closes the marker and answers `released`.
        """
        with heartbeating():
            try:
                return await self._book(order)
            except OutsideError as error:
                raise as_failure(error) from error
            except WorkerStopping as stopping:
                raise ApplicationError(
                    str(stopping), type="WorkerStopping", next_retry_delay=STOPPED_RETRY
                ) from stopping

    async def _book(self, order: BookOrder) -> BookingResult:
        dossier = await self._records.dossier(order.registration_id)
        try:
            provider = self._providers.account(dossier.account.credentials_ref)
            people = order.people or await _people(provider, dossier)
        except Unauthorised:
            return refused(0, FailureCode.UNAUTHORISED, REFUSED_ACCESS)
        opened = await self._records.open_attempt(
            order.registration_id,
            order.send_at,
            operation_key(order.registration_id, f"attempt/{uuid4()}"),
        )
        procedure = BookingProcedure(
            order=order,
            booking=_booking_order(dossier, people),
            dossier=dossier,
            opened=opened,
            records=self._records,
            provider=provider,
            clock=self._clock,
        )
        return await self._releasable(order, opened, procedure)

    async def _releasable(
        self, order: BookOrder, opened: OpenedAttempt, procedure: BookingProcedure
    ) -> BookingResult:
        """Run the procedure; a cancellation takes it back only while nothing was sent."""
        running = asyncio.ensure_future(procedure.run())
        while True:
            try:
                return await asyncio.shield(running)
            except asyncio.CancelledError:
                if procedure.fired:
                    continue
                running.cancel()
                with suppress(asyncio.CancelledError):
                    await running
                await self._release(order, opened)
                details = activity.cancellation_details()
                if details is not None and details.cancel_requested:
                    return BookingResult(end=BookingEnd.RELEASED, fence=opened.marker.fence)
                raise
            except (OutsideError, WorkerStopping):
                if not procedure.uncertain:
                    await self._release(order, opened)
                raise

    async def _release(self, order: BookOrder, opened: OpenedAttempt) -> None:
        await self._records.close_attempt(
            order.registration_id, opened.marker.fence, "released", None
        )


async def _people(provider: BookingProvider, dossier: Dossier) -> ProviderPeople:
    if dossier.guardian is None:
        raise Unauthorised("there is no guardian to book for")
    return await provider.people(
        dossier.guardian, dossier.children, dossier.program.people_category
    )


def _booking_order(dossier: Dossier, people: ProviderPeople) -> BookingOrder:
    row = dossier.registration
    return BookingOrder(
        reference=external_ref(row.id),
        product_id=row.program_ref,
        event_id=row.event_id,
        event_start=dossier.program.starts_at,
        people_category=dossier.program.people_category,
        people=people,
    )
