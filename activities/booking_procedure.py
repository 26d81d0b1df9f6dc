"""One attempt at a booking, from its marker to a true answer."""

import asyncio
from datetime import datetime, timedelta

from temporalio import activity

from activities.booking_results import (
    booked,
    missed,
    not_opened,
    over_the_cap,
    refused,
    refused_by,
    unknown,
)
from activities.clock import Clock, wait_until
from activities.earlier_attempts import EarlierAttempts
from activities.reconcile import Found, reconcile
from activities.warm_lane import OPENED_BEFORE, WarmLane
from domain.attempts import OpenedAttempt
from domain.booking import Booking, BookingOrder
from domain.consent import mandate_faults, over_cap
from domain.contracts import BookingResult, BookOrder
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

SHORTEST_WARM_UP = timedelta(milliseconds=500)
"""With less time than this before the instant no lane is opened."""


LANE_MARGIN = timedelta(milliseconds=100)
"""A lane not open by this long before the instant is given up."""


class Stopped(Exception):
    """The attempt was taken back: by a change, by a worker told to stop, or by a successor."""


class BookingProcedure:
    """The procedure of one marker.

    It is stopped by asking, never by cancelling it in mid-air: what it began is finished, and
    then nothing further is sent.

    Attributes:
        fence: the marker it acts under.
        uncertain: a request may have been sent and nobody knows what became of it; the marker
            stays open, so that whoever comes next looks first.
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
        stop: asyncio.Event,
    ) -> None:
        self._order = order
        self._booking = booking
        self._dossier = dossier
        self._opened = opened
        self._records = records
        self._provider = provider
        self._clock = clock
        self._stop = stop
        self._lane = WarmLane(provider, booking)
        self._sends = 0
        self._first_byte: datetime | None = None
        self._ghost_since = opened.marker.opened_at if opened.nothing_found else None
        self.fence = opened.marker.fence
        self.uncertain = False

    async def run(self) -> BookingResult:
        """Look first where an earlier marker is open, then wait, then send."""
        earlier = EarlierAttempts(self._order, self._opened, self._records, self._clock)
        if earlier.any:
            found = await earlier.settle(self._reconcile)
            if found is None:
                return self._unclear("the organiser's system gave no answer to our look-ups")
            if not found.nothing:
                self._first_byte = earlier.first_send
                return await self._from_look_up(found)
            if earlier.may_have_sent:
                if self._ghost_since is not None:
                    return self._unclear("two sends left no trace within the quiet period")
                self._ghost_since = earlier.since
        if self._opened.nothing_found > 1:
            return self._unclear("two sends left no trace")
        faults = mandate_faults(self._dossier.mandate, self._dossier, self._clock.now())
        if faults:
            return await self._unless_booked(
                refused(self.fence, FailureCode.MANDATE_INVALID, faults[0].sentence)
            )
        if self._clock.now() > self._deadline:
            return await self._unless_booked(missed(self.fence))
        try:
            await self._wait_armed()
            return await self._send()
        finally:
            self._lane.close()

    @property
    def _deadline(self) -> datetime:
        return self._dossier.registration.scheduled_time + self._order.timing.late_deadline

    async def _wait_armed(self) -> None:
        """Wait for the instant on a warm connection, unless stopped before."""
        open_at = self._order.send_at - OPENED_BEFORE
        if self._clock.now() < self._order.send_at - SHORTEST_WARM_UP:
            await self._wait_unless_stopped(open_at)
            left = self._order.send_at - self._clock.now()
            await self._lane.open(within=max(left - LANE_MARGIN, timedelta()))
        await self._wait_unless_stopped(self._order.send_at)

    async def _wait_unless_stopped(self, instant: datetime) -> None:
        waits = [
            asyncio.ensure_future(wait_until(instant, self._clock)),
            asyncio.ensure_future(self._stop.wait()),
            asyncio.ensure_future(activity.wait_for_worker_shutdown()),
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        self._check_stopped()

    def _check_stopped(self) -> None:
        """Nothing is sent any more once somebody asked for that."""
        if self._stop.is_set() or activity.is_worker_shutdown():
            raise Stopped("stopped before a further send")

    async def _send(self) -> BookingResult:
        """Send until the answer is definite. Only "not open yet" is tried again in here."""
        shut_until = self._order.send_at + self._order.timing.opening_grace
        retry = self._order.timing.opening_retry
        while True:
            self._check_stopped()
            self.uncertain = True
            self._sends += 1
            try:
                confirmed = await self._lane.send(self._sent)
            except NotOpenYet:
                self.uncertain = False
                if self._clock.now() + retry > shut_until:
                    return await self._unless_booked(not_opened(self.fence))
                await asyncio.sleep(retry.total_seconds())
            except (SoldOut, Rejected, Unauthorised) as refusal:
                self.uncertain = False
                return await self._unless_booked(refused_by(self.fence, refusal))
            except (Throttled, Unavailable):
                # Surely not booked, so Temporal may try again.
                self.uncertain = False
                raise
            except UnknownOutcome as nobody_knows:
                decided = await self._settle_own(nobody_knows.evidence)
                if decided is not None:
                    return decided
            else:
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
            return self._unclear(f"{evidence}; look-ups unanswered")
        if not found.nothing:
            return await self._from_look_up(found)
        if self._ghost_since is not None:
            return self._unclear(f"{evidence}; two sends left no trace")
        if self._clock.now() > self._deadline:
            return self._unclear(f"{evidence}; no trace of it, and too late for another send")
        self._ghost_since = sent_at
        await self._renew_marker(evidence)
        return None

    async def _renew_marker(self, evidence: str) -> None:
        """Close the marker whose send left no trace, and open the one of the last send.

        Somebody else's marker in between means that a successor has taken over: it decides.
        """
        registration_id = self._order.registration_id
        await self._records.close_attempt(registration_id, self.fence, "nothing_found", evidence)
        again = await self._records.open_attempt(
            registration_id,
            self._order.send_at,
            operation_key(registration_id, f"attempt/after-{self.fence}"),
        )
        self.fence, self.uncertain = again.marker.fence, False
        if again.unclosed or again.nothing_found > 1:
            raise Unavailable("a later attempt has taken over")

    async def _reconcile(self, since: datetime, quiet_until: datetime) -> Found | None:
        return await reconcile(self._provider, self._booking, since, quiet_until, self._clock)

    async def _unless_booked(self, refusal: BookingResult) -> BookingResult:
        """The refusal, but never on top of a send that left no trace.

        The provider may list a booking later than the quiet period, and then our own ghost
        may hold the very seat that is missing: one more look, and otherwise a person decides.
        """
        if self._ghost_since is None:
            return refusal
        found = await self._reconcile(self._ghost_since, self._clock.now())
        if found is not None and not found.nothing:
            return await self._from_look_up(found)
        return self._unclear(f"{refusal.failure_code} after a send that left no trace")

    async def _from_look_up(self, found: Found) -> BookingResult:
        if found.live is None:
            return self._unclear("only a cancelled booking exists under our reference")
        for surplus in found.surplus:
            activity.logger.error("more than one live booking under one reference: cancelling")
            try:
                await self._provider.cancel(surplus.booking_number, "duplicate")
            except ProviderError:
                # Never a reason to doubt the booking that is kept; the invariant is alerted.
                activity.logger.exception("a surplus booking could not be cancelled")
        return await self._booked(found.live, by_look_up=True)

    async def _booked(self, booking: Booking, *, by_look_up: bool) -> BookingResult:
        number = booking.booking_number
        if not booking.accepted:
            return self._unclear(f"booking {number} awaits the organiser's approval")
        too_dear = over_cap(self._dossier.registration, booking.price) if booking.price else None
        if too_dear is not None:
            try:
                await self._provider.cancel(number, "price above the limit")
            except ProviderError:
                return self._unclear(f"booking {number} is above the limit and stands")
            return over_the_cap(self.fence, too_dear)
        return booked(
            self.fence,
            booking,
            first_byte=self._first_byte or self._clock.now(),
            send_at=self._order.send_at,
            scheduled_time=self._dossier.registration.scheduled_time,
            sends=max(self._sends, 1),
            by_look_up=by_look_up,
        )

    def _unclear(self, evidence: str) -> BookingResult:
        return unknown(self.fence, evidence)
