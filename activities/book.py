"""The activity that books: armed before the opening, releasable until it sends."""

import asyncio
from base64 import b64encode
from collections.abc import Callable, Sequence
from datetime import timedelta

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.booking_procedure import BookingProcedure
from activities.booking_results import NO_GUARDIAN, REFUSED_ACCESS, refused, refused_by
from activities.clock import Clock
from activities.failures import as_failure
from activities.heartbeat import heartbeating
from activities.lane_room import LaneRoom
from activities.own_marker import OwnMarker
from activities.permission import Permission
from activities.provider_order import booking_order, family_at
from activities.stop import Stop, Stopped
from activities.tries import SentRequest, Tries
from domain.attempts import ArmedBy, OpenedAttempt
from domain.booking import NOBODY, ProviderPeople
from domain.contracts import BookingEnd, BookingResult, BookOrder
from domain.errors import OutsideError, Rejected, Unauthorised, Unavailable
from domain.field_errors import FieldError
from domain.registrations import Agreement
from domain.states import FailureCode
from gateways import BookingProvider, BookingProviders, Mandates, Records

STOPPED_RETRY = timedelta(milliseconds=100)
"""Another worker takes a released booking over within this."""

HEARTBEAT_EVERY = timedelta(seconds=20)
"""A third of the time-out. Each beat is a write at the server: five hundred lanes that beat every
two seconds kept it from handing out the next ones. A wish to cancel, and that a process died, are
heard of by the lease instead, two calls a second for all of its lanes."""

Trace = Callable[[BookOrder, Sequence[SentRequest]], None]


def untraced(_order: BookOrder, _sent: Sequence[SentRequest]) -> None:
    """Nobody wants to see it."""


class Bookings:
    """Books a registration exactly once, as far as anyone can at a provider without keys."""

    def __init__(
        self,
        records: Records,
        providers: BookingProviders,
        mandates: Mandates,
        room: LaneRoom,
        clock: Clock,
        trace: Trace = untraced,
    ) -> None:
        """`trace` is told what an attempt sent, once it is over."""
        self._records = records
        self._providers = providers
        self._permission = Permission(mandates, clock)
        self._room = room
        self._clock = clock
        self._trace = trace

    @activity.defn(name="book")
    async def book(self, order: BookOrder) -> BookingResult:
        """Write a marker, wait, send at `send_at`, and find out what became of it.

        Any unclosed earlier marker is reconciled before anything is sent. When somebody wants
        the registration back before the send, the marker is closed and the answer `released`.
        """
        self._room.temporal_clock.handed_out(activity.info().started_time, self._clock.now())
        stop = Stop()
        with heartbeating(HEARTBEAT_EVERY):
            running = asyncio.ensure_future(self._book(order, stop))
            while True:
                try:
                    return await asyncio.shield(running)
                except asyncio.CancelledError:
                    if running.cancelled():
                        raise
                    # It is asked to end, never cut off: a request under way must be answered.
                    stop.ask()
                except Stopped:
                    return _released_or_retried(stop)
                except OutsideError as error:
                    raise as_failure(error) from error

    async def _book(self, order: BookOrder, stop: Stop) -> BookingResult:
        def left() -> timedelta:
            return order.send_at - self._clock.now()

        async with self._room.entered(order.registration_id, stop, left):
            marker = OwnMarker(order, self._records, self._room.lease, _armed_by())
            opened = await marker.open()
            marker.heed(stop)
            try:
                # Read under the marker: while that is open, the permission is not withdrawn.
                agreement, provider, people = await self._prepared(order)
            except OutsideError as error:
                return await self._unprepared(marker, opened, error)
            procedure = BookingProcedure(
                order=order,
                booking=booking_order(agreement, people),
                agreement=agreement,
                marker=marker,
                opened=opened,
                records=self._records,
                provider=provider,
                permission=self._permission,
                room=self._room,
                clock=self._clock,
                stop=stop,
            )
            try:
                try:
                    result = await procedure.run()
                except (OutsideError, Stopped):
                    if not procedure.uncertain:
                        await marker.release()
                    raise
                await self._room.may_answer(order.registration_id, stop)
                return result
            finally:
                self._tell(order, agreement, procedure.tries)

    def _tell(self, order: BookOrder, agreement: Agreement, tries: Tries) -> None:
        """Count and show what was sent: last, when nobody else is about to send."""
        self._room.counts.sends(agreement.account.provider, tries.answers)
        if tries.requests:
            opening = agreement.registration.scheduled_time
            self._room.counts.first_send(tries.requests[0].sent_at, order.send_at, opening)
            self._trace(order, tries.requests)

    async def _prepared(
        self, order: BookOrder
    ) -> tuple[Agreement, BookingProvider, ProviderPeople]:
        """What to book, where, and for whom: the provider's ids of the family suffice.

        Where nobody can read who they are, and it is too late to send anything, it goes on
        without: what may have been booked is found all the same, or the window was missed.
        """
        if order.people is not None:
            agreement = await self._records.agreement(order.registration_id)
            return agreement, self._provider(agreement), order.people
        try:
            dossier = await self._records.dossier(order.registration_id)
        except FieldError:
            agreement = await self._records.agreement(order.registration_id)
            opening = agreement.registration.scheduled_time
            if self._clock.now() <= opening + order.timing.late_deadline:
                raise
            return agreement, self._provider(agreement), NOBODY
        provider = self._provider(dossier)
        return dossier, provider, await family_at(provider, dossier)

    def _provider(self, agreement: Agreement) -> BookingProvider:
        account = agreement.account
        return self._providers.account(account.credentials_ref, account.pace)

    async def _unprepared(
        self, marker: OwnMarker, opened: OpenedAttempt, error: OutsideError
    ) -> BookingResult:
        """Nothing could be sent. Final only where no earlier attempt may have sent either."""
        if opened.unclosed or opened.nothing_found or opened.booked:
            await marker.release()
            if isinstance(error, FieldError):
                raise error  # it names the key that an operator has to give back
            raise Unavailable("an earlier attempt is unclear and cannot be looked up") from error
        match error:
            case Unauthorised():
                return refused(marker.fence, FailureCode.UNAUTHORISED, REFUSED_ACCESS)
            case Rejected(kind="no_guardian"):
                return refused(marker.fence, FailureCode.REJECTED, NO_GUARDIAN)
            case Rejected():
                return refused_by(marker.fence, error)
            case _:
                await marker.release()
                raise error


def _released_or_retried(stop: Stop) -> BookingResult:
    details = activity.cancellation_details()
    if stop.release or (details is not None and details.cancel_requested):
        return BookingResult(end=BookingEnd.RELEASED, fence=0)
    raise ApplicationError(
        "stopped unsent; another worker takes it over",
        type="WorkerStopping",
        next_retry_delay=STOPPED_RETRY,
    )


def _armed_by() -> ArmedBy:
    info = activity.info()
    return ArmedBy(
        run_id=info.workflow_run_id or "",
        activity_id=info.activity_id,
        task_token=b64encode(info.task_token).decode(),
    )
