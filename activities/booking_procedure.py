"""One attempt at a booking, from its marker to a true answer."""

import asyncio
from datetime import datetime, timedelta

from temporalio import activity

from activities.booking_results import missed, not_opened, refused, refused_by, unknown
from activities.clock import Clock, wait_until
from activities.reconcile import Found, reconcile
from domain.attempts import Marker, OpenedAttempt
from domain.booking import Booking, BookingOrder
from domain.consent import mandate_faults, over_cap
from domain.contracts import BookingEnd, BookingFacts, BookingResult, BookOrder
from domain.errors import (
    NotOpenYet,
    ProviderError,
    Rejected,
    SoldOut,
    Throttled,
    Unauthorised,
    Unavailable,
    UnknownOutcome,
)
from domain.identifiers import operation_key
from domain.registrations import Dossier
from domain.states import FailureCode
from gateways import BookingProvider, Records

MILLISECOND = timedelta(milliseconds=1)


class WorkerStopping(Exception):
    """The worker was told to stop while the booking was armed and unfired."""


class BookingProcedure:
    """The procedure of one marker.

    Attributes:
        fired: a request may have been sent; from here on nothing is taken back.
        uncertain: it may have been sent and nobody knows what became of it; the marker stays
            open, so that whoever comes next looks first.
    """

    def __init__(
        self,
        *,
        order: BookOrder,
        booking: BookingOrder,
        dossier: Dossier,
        opened: OpenedAttempt,
        records: Records,
        provider: BookingProvider,
        clock: Clock,
    ) -> None:
        self._order = order
        self._booking = booking
        self._dossier = dossier
        self._opened = opened
        self._records = records
        self._provider = provider
        self._clock = clock
        self._sends = 0
        self._first_byte: datetime | None = None
        self._may_resend = opened.nothing_found == 0
        self._fence = opened.marker.fence
        self.fired = False
        self.uncertain = False

    async def run(self) -> BookingResult:
        """Look first where an earlier marker is open, then wait, then send."""
        earlier = await self._settle_earlier()
        if earlier is not None:
            return earlier
        faults = mandate_faults(self._dossier.mandate, self._dossier, self._clock.now())
        if faults:
            return refused(self._fence, FailureCode.MANDATE_INVALID, faults[0].sentence)
        if self._clock.now() > self._deadline:
            return missed(self._fence)
        await self._wait_armed()
        return await self._send()

    @property
    def _deadline(self) -> datetime:
        return self._dossier.registration.scheduled_time + self._order.timing.late_deadline

    async def _settle_earlier(self) -> BookingResult | None:
        """None when nothing of an earlier attempt stands in the way of one send."""
        if not self._opened.unclosed:
            return None
        opened_at = self._clock.now()
        sent = [m for m in self._opened.unclosed if m.send_at <= opened_at]
        quiet = self._order.timing.quiet_period if sent else timedelta()
        since = min(marker.opened_at for marker in self._opened.unclosed)
        found = await self._reconcile(since, opened_at + quiet)
        if found is None:
            if self._clock.now() > self._deadline:
                return unknown(self._fence, "the organiser's system gave no answer to our look-ups")
            raise Unavailable("the provider did not answer while an earlier attempt is unclear")
        if not found.nothing:
            return await self._from_look_up(found, since)
        await self._close_earlier(sent)
        if sent and not self._may_resend:
            return unknown(self._fence, "two sends left no trace within the quiet period")
        self._may_resend = self._may_resend and not sent
        return None

    async def _close_earlier(self, sent: list[Marker]) -> None:
        for marker in self._opened.unclosed:
            # One that died before its time never sent: closing it uses up no second send.
            outcome = "nothing_found" if marker in sent else "released"
            await self._records.close_attempt(
                self._order.registration_id, marker.fence, outcome, "reconciled by look-up"
            )

    async def _wait_armed(self) -> None:
        """Wait for the instant, or for the worker to be told to stop, whichever is first."""
        waiting = asyncio.ensure_future(wait_until(self._order.send_at, self._clock))
        stopping = asyncio.ensure_future(activity.wait_for_worker_shutdown())
        try:
            await asyncio.wait({waiting, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not waiting.done():
                raise WorkerStopping("the worker stops; the booking was not sent")
        finally:
            waiting.cancel()
            stopping.cancel()

    async def _send(self) -> BookingResult:
        """Send until the answer is definite. Only "not open yet" is tried again in here."""
        shut_until = self._order.send_at + self._order.timing.opening_grace
        retry = self._order.timing.opening_retry
        while True:
            try:
                decided = await self._send_once()
            except NotOpenYet:
                self.uncertain = False
                if self._clock.now() + retry > shut_until:
                    return not_opened(self._fence)
                await asyncio.sleep(retry.total_seconds())
            except (Throttled, Unavailable):
                # Surely not booked, so Temporal may try again.
                self.uncertain = False
                raise
            else:
                if decided is not None:
                    return decided

    async def _send_once(self) -> BookingResult | None:
        """The answer, or None when an unclear send left no trace and one more is due."""
        self.fired = self.uncertain = True
        self._sends += 1
        try:
            confirmed = await self._provider.book(self._booking, self._sent)
        except (SoldOut, Rejected, Unauthorised) as refusal:
            return refused_by(self._fence, refusal)
        except UnknownOutcome as nobody_knows:
            return await self._settle_own(nobody_knows.evidence)
        return await self._booked(confirmed.booking, by_look_up=False)

    def _sent(self, at: datetime) -> None:
        if self._first_byte is None:
            self._first_byte = at

    async def _settle_own(self, evidence: str) -> BookingResult | None:
        """After an unclear answer: what became of it, or None when one more send is due."""
        sent_at = self._first_byte or self._clock.now()
        quiet_until = self._clock.now() + self._order.timing.quiet_period
        found = await self._reconcile(sent_at, quiet_until)
        if found is None:
            return unknown(self._fence, f"{evidence}; look-ups unanswered")
        if not found.nothing:
            return await self._from_look_up(found, sent_at)
        if not self._may_resend:
            return unknown(self._fence, f"{evidence}; two sends left no trace")
        if self._clock.now() > self._deadline:
            return missed(self._fence)
        self._may_resend = False
        registration_id = self._order.registration_id
        await self._records.close_attempt(registration_id, self._fence, "nothing_found", evidence)
        again = await self._records.open_attempt(
            registration_id,
            self._order.send_at,
            operation_key(registration_id, f"attempt/after-{self._fence}"),
        )
        self._fence = again.marker.fence
        return None

    async def _reconcile(self, since: datetime, quiet_until: datetime) -> Found | None:
        return await reconcile(
            self._provider, self._booking, since, quiet_until, self._clock, activity.heartbeat
        )

    async def _from_look_up(self, found: Found, sent_at: datetime) -> BookingResult:
        if found.live is None:
            return unknown(self._fence, "only a cancelled booking exists under our reference")
        for surplus in found.surplus:
            activity.logger.error("more than one live booking under one reference: cancelling")
            await self._provider.cancel(surplus.booking_number, "duplicate")
        self._sends = max(self._sends, 1)
        self._first_byte = self._first_byte or sent_at
        return await self._booked(found.live, by_look_up=True)

    async def _booked(self, booking: Booking, *, by_look_up: bool) -> BookingResult:
        number = booking.booking_number
        if not booking.accepted:
            return unknown(self._fence, f"booking {number} awaits the organiser's approval")
        row = self._dossier.registration
        too_dear = over_cap(row, booking.price) if booking.price is not None else None
        if too_dear is not None:
            try:
                await self._provider.cancel(number, "price above the limit")
            except ProviderError:
                return unknown(self._fence, f"booking {number} is above the limit and stands")
            sentence = f"{too_dear.sentence} The booking was cancelled again."
            return refused(self._fence, FailureCode.OVER_CAP, sentence)
        first = self._first_byte or self._clock.now()
        return BookingResult(
            end=BookingEnd.BOOKED,
            fence=self._fence,
            booking=BookingFacts(
                booking_number=number,
                price_cents=booking.price.amount_cents if booking.price else None,
                currency=booking.price.currency if booking.price else None,
                first_request_at=first,
                lateness_ms=max(0, (first - self._order.send_at) // MILLISECOND),
                queue_delay_ms=max(0, (self._order.send_at - row.scheduled_time) // MILLISECOND),
                attempts=self._sends,
                found_by_lookup=by_look_up,
            ),
        )
