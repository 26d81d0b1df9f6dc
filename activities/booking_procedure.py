"""One attempt at a booking, from its marker to a true answer."""

from datetime import datetime, timedelta

from temporalio import activity

from activities.account_queue import AccountQueue
from activities.armed_wait import ArmedWait
from activities.booking_ends import BookingEnds
from activities.booking_facts import booking_facts
from activities.booking_results import missed, not_opened, refused, refused_by
from activities.clock import Clock
from activities.earlier_attempts import EarlierAttempts
from activities.lane_room import LaneRoom
from activities.own_marker import OwnMarker
from activities.permission import Permission
from activities.reconcile import Found, reconcile
from activities.stop import Stop
from activities.surplus import SurplusBookings
from activities.tries import Tries
from activities.warm_lane import WarmLane
from domain.attempts import OpenedAttempt
from domain.booking import Booking, BookingOrder, Confirmed
from domain.contracts import BookingFacts, BookingResult, BookOrder
from domain.errors import (
    NotOpenYet,
    ProviderError,
    RecordsError,
    Rejected,
    SoldOut,
    Throttled,
    Unauthorised,
    UnknownOutcome,
)
from domain.mandates import Use
from domain.registrations import Dossier
from domain.review_causes import ReviewCause
from domain.states import FailureCode
from gateways import BookingProvider, Records

FIRST_RETRY = timedelta(milliseconds=50)
"""After the first "not open yet": the provider's clock is often only a breath behind."""

LOST_TWICE = ReviewCause.TWO_SENDS_WITHOUT_TRACE


class BookingProcedure:
    """The procedure of one attempt.

    It is stopped by asking, never by cancelling it in mid-air: what it began is finished, and
    then nothing further is sent.

    Attributes:
        uncertain: a request may have been sent and nobody knows what became of it; the marker
            stays open, so that whoever comes next looks first.
    """

    def __init__(
        self,
        *,
        order: BookOrder,
        booking: BookingOrder,
        dossier: Dossier,
        marker: OwnMarker,
        opened: OpenedAttempt,
        records: Records,
        provider: BookingProvider,
        permission: Permission,
        room: LaneRoom,
        clock: Clock,
        stop: Stop,
    ) -> None:
        self._order = order
        self._booking = booking
        self._dossier = dossier
        self._marker = marker
        self._opened = opened
        self._records = records
        self._provider = provider
        self._permission = permission
        self._room = room
        self._clock = clock
        self._stop = stop
        self._account: AccountQueue = room.account(dossier)
        self._lane = WarmLane(provider, booking)
        self._tries = Tries()
        self._wait = ArmedWait(
            order=order,
            lane=self._lane,
            room=room,
            account=self._account,
            provider=provider,
            clock=clock,
            stop=stop,
            opening=self._opening,
        )
        self._ends = BookingEnds(
            dossier=dossier,
            provider=provider,
            look=lambda since: self._reconcile(since, clock.now()),
            facts=self._facts,
            fence=lambda: marker.fence,
            surplus=SurplusBookings(records),
        )
        self._ends.ghost_since = opened.marker.opened_at if opened.nothing_found else None
        self.uncertain = False

    async def run(self) -> BookingResult:
        """Look first where an earlier marker is open, then wait, then send."""
        result = await self._run()
        clocks = self._room.clocks(self._provider.clock())
        return result.model_copy(update={"tries": self._tries.kept, "clocks": clocks})

    async def _run(self) -> BookingResult:
        ends = self._ends
        if (booked := self._opened.booked) is not None:
            self._tries.first_byte = booked.send_at
            return await ends.recorded(booked.booking_number)
        earlier = EarlierAttempts(
            self._order, self._opened, self._records, self._clock, self._room.lease.id
        )
        if earlier.any:
            found = await earlier.settle(self._reconcile)
            if found is None:
                return ends.unclear(
                    ReviewCause.EARLIER_ATTEMPT_UNANSWERED,
                    "the organiser's system gave no answer to our look-ups",
                )
            if not found.nothing:
                self._tries.first_byte = earlier.first_send
                return await ends.from_look_up(found)
            if earlier.may_have_sent:
                if ends.ghost_since is not None:
                    return ends.unclear(
                        LOST_TWICE, "two sends left no trace within the quiet period"
                    )
                ends.ghost_since = earlier.since
        if self._opened.nothing_found > 1:
            return ends.unclear(LOST_TWICE, "two sends left no trace")
        faults = self._permission.faults(self._dossier, Use.BOOKING)
        if faults:
            return await ends.unless_booked(
                refused(self._marker.fence, FailureCode.MANDATE_INVALID, faults[0].sentence)
            )
        if self._clock.now() > self._deadline:
            return await ends.unless_booked(missed(self._marker.fence))
        try:
            await self._wait.done()
            return await self._send()
        finally:
            self._lane.close()

    @property
    def _opening(self) -> datetime:
        return self._dossier.registration.scheduled_time

    @property
    def _deadline(self) -> datetime:
        return self._opening + self._order.timing.late_deadline

    async def _send(self) -> BookingResult:
        """Send until the answer is definite."""
        while True:
            try:
                confirmed = await self._send_once()
            except UnknownOutcome as nobody_knows:
                decided = await self._settle_own(nobody_knows.evidence)
            except ProviderError as refusal:
                self.uncertain = False
                decided = await self._after(refusal)
            else:
                return await self._ends.booked(confirmed.booking, by_look_up=False)
            if decided is not None:
                return decided

    async def _after(self, refusal: ProviderError) -> BookingResult | None:
        """What a request ends in that surely booked nothing; None when it is sent again here.

        That is "not open yet", and what the provider throttled for a short while. Anything else
        that may pass is left to Temporal.
        """
        shut_until = self._order.send_at + self._order.timing.opening_grace
        match refusal:
            case NotOpenYet():
                again = self._next_try()
                if again > shut_until:
                    return await self._ends.unless_booked(not_opened(self._marker.fence))
                await self._room.gun.until(again, self._clock, self._stop)
            case SoldOut() | Rejected() | Unauthorised():
                return await self._ends.unless_booked(refused_by(self._marker.fence, refusal))
            case Throttled():
                if await self._put_off(refusal.wait) > shut_until:
                    raise refusal
            case _:
                raise refusal
        return None

    async def _send_once(self) -> Confirmed:
        """One request, when the account's pause, its concurrency and our lease all allow it."""
        while True:
            due = self._account.put_off(self._order, self._opening)
            await self._room.gun.until(due, self._clock, self._stop)
            async with self._account.turn(self._stop):
                if not self._marker.stands:
                    await self._marker.stand_again()
                if self._account.put_off(self._order, self._opening) > due:
                    continue
                self._stop.check()
                self.uncertain = True
                self._tries.begin()
                try:
                    confirmed = await self._lane.send(self._tries.left)
                except ProviderError as failure:
                    self._tries.answered(failure)
                    raise
                self._tries.answered(confirmed)
                return confirmed

    def _next_try(self) -> datetime:
        """After a pause that is short at first and grows to the timing's.

        Where the provider's clock says by when the window must be open, not before. All of the
        account share its budget, so each waits for the others.
        """
        now, tries = self._clock.now(), self._tries.sent
        others = timedelta(seconds=(self._order.sharing - 1) / self._account.pace.rate_per_second)
        opens_by = self._order.send_at + self._provider.clock().behind_at_most
        if tries == 1 and now < opens_by and not others:
            return opens_by
        growing = min(FIRST_RETRY * 2 ** min(tries - 1, 10), self._order.timing.opening_retry)
        return now + max(growing, others)

    async def _put_off(self, wait: timedelta) -> datetime:
        """The provider asked for quiet; when this one may be sent."""
        try:
            await self._account.pause(self._order.send_at, self._clock.now() + wait)
        except RecordsError as error:
            activity.logger.warning("other processes do not know of the pause: %r", error)
        return self._account.put_off(self._order, self._opening)

    async def _settle_own(self, evidence: str) -> BookingResult | None:
        """After an unclear answer: what became of it, or None when one more send is due."""
        sent_at = self._tries.first_byte or self._clock.now()
        quiet_until = self._clock.now() + self._order.timing.quiet_period
        found = await self._reconcile(sent_at, quiet_until)
        if found is None:
            unanswered = f"{evidence}; look-ups unanswered"
            return self._ends.unclear(ReviewCause.SEND_UNANSWERED, unanswered)
        if not found.nothing:
            return await self._ends.from_look_up(found)
        if self._ends.ghost_since is not None:
            return self._ends.unclear(LOST_TWICE, f"{evidence}; two sends left no trace")
        if self._clock.now() > self._deadline:
            too_late = f"{evidence}; no trace of it, and too late for another send"
            return self._ends.unclear(ReviewCause.TOO_LATE_TO_SEND_AGAIN, too_late)
        self._ends.ghost_since = sent_at
        await self._marker.renew("nothing_found", evidence)
        self.uncertain = False
        return None

    async def _reconcile(self, since: datetime, quiet_until: datetime) -> Found | None:
        return await reconcile(self._provider, self._booking, since, quiet_until, self._clock)

    def _facts(self, booking: Booking, found_by_look_up: bool) -> BookingFacts:
        return booking_facts(
            booking,
            order=self._order,
            opening=self._opening,
            tries=self._tries,
            wait=self._wait,
            found_at=self._clock.now() if found_by_look_up else None,
        )
