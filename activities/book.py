"""The activity that books: armed before the opening, releasable until it sends."""

import asyncio
from datetime import timedelta
from uuid import uuid4

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.booking_procedure import BookingProcedure, Stopped
from activities.booking_results import NO_GUARDIAN, REFUSED_ACCESS, refused, refused_by
from activities.clock import Clock
from activities.failures import as_failure
from activities.heartbeat import heartbeating
from domain.attempts import OpenedAttempt
from domain.booking import BookingOrder, ProviderPeople
from domain.contracts import BookingEnd, BookingResult, BookOrder
from domain.errors import OutsideError, Rejected, Unauthorised, Unavailable
from domain.identifiers import external_ref, operation_key
from domain.registrations import Dossier
from domain.states import FailureCode
from gateways import BookingProvider, BookingProviders, Records

STOPPED_RETRY = timedelta(milliseconds=100)
"""Another worker takes a released booking over within this."""


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
        stop = asyncio.Event()
        with heartbeating():
            running = asyncio.ensure_future(self._book(order, stop))
            while True:
                try:
                    return await asyncio.shield(running)
                except asyncio.CancelledError:
                    if running.cancelled():
                        raise
                    # It is asked to end, never cut off: a request under way must be answered.
                    stop.set()
                except Stopped:
                    return _released_or_retried()
                except OutsideError as error:
                    raise as_failure(error) from error

    async def _book(self, order: BookOrder, stop: asyncio.Event) -> BookingResult:
        dossier = await self._records.dossier(order.registration_id)
        opened = await self._records.open_attempt(
            order.registration_id,
            order.send_at,
            operation_key(order.registration_id, f"attempt/{uuid4()}"),
        )
        try:
            provider = self._providers.account(dossier.account.credentials_ref)
            people = order.people or await _people(provider, dossier)
        except OutsideError as error:
            return await self._unprepared(order, opened, error)
        procedure = BookingProcedure(
            order=order,
            booking=_booking_order(dossier, people),
            dossier=dossier,
            opened=opened,
            records=self._records,
            provider=provider,
            clock=self._clock,
            stop=stop,
        )
        try:
            return await procedure.run()
        except (OutsideError, Stopped):
            if not procedure.uncertain:
                await self._release(order, procedure.fence)
            raise

    async def _unprepared(
        self, order: BookOrder, opened: OpenedAttempt, error: OutsideError
    ) -> BookingResult:
        """Nothing could be sent. Final only where no earlier attempt may have sent either."""
        if opened.unclosed or opened.nothing_found:
            await self._release(order, opened.marker.fence)
            raise Unavailable("an earlier attempt is unclear and cannot be looked up") from error
        fence = opened.marker.fence
        match error:
            case Unauthorised():
                return refused(fence, FailureCode.UNAUTHORISED, REFUSED_ACCESS)
            case Rejected(kind="no_guardian"):
                return refused(fence, FailureCode.REJECTED, NO_GUARDIAN)
            case Rejected():
                return refused_by(fence, error)
            case _:
                await self._release(order, fence)
                raise error

    async def _release(self, order: BookOrder, fence: int) -> None:
        await self._records.close_attempt(order.registration_id, fence, "released", None)


def _released_or_retried() -> BookingResult:
    details = activity.cancellation_details()
    if details is not None and details.cancel_requested:
        return BookingResult(end=BookingEnd.RELEASED, fence=0)
    raise ApplicationError(
        "stopped unsent; another worker takes it over",
        type="WorkerStopping",
        next_retry_delay=STOPPED_RETRY,
    )


async def _people(provider: BookingProvider, dossier: Dossier) -> ProviderPeople:
    if dossier.guardian is None:
        raise Rejected("no_guardian", "there is no guardian to book for")
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
