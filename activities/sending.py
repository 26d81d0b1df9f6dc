"""Sending one booking until the answer is definite, when everything that has a say allows it."""

from datetime import datetime, timedelta

from temporalio import activity

from activities.account_queue import AccountQueue
from activities.armed_wait import ArmedWait
from activities.booking_ends import BookingEnds
from activities.booking_results import not_opened, refused_by
from activities.clock import Clock
from activities.own_marker import OwnMarker
from activities.reconcile import Found, Looks
from activities.starting_gun import StartingGun
from activities.stop import Stop
from activities.tries import Tries
from activities.warm_lane import WarmLane
from domain.booking import Confirmed
from domain.contracts import BookingResult, BookOrder
from domain.errors import (
    NotOpenYet,
    ProviderError,
    RecordsError,
    Rejected,
    SoldOut,
    Throttled,
    Unauthorised,
    Unavailable,
    UnknownOutcome,
)
from domain.review_causes import ReviewCause
from gateways import BookingProvider

FIRST_RETRY = timedelta(milliseconds=50)
"""After the first "not open yet": the provider's clock is often only a breath behind."""

LOOK_HOLDS = timedelta(seconds=1)
"""A look so fresh is not repeated before a send."""

LOST_TWICE = ReviewCause.TWO_SENDS_WITHOUT_TRACE


class Sending:
    """The requests of one attempt.

    Attributes:
        uncertain: a request may have been sent and nobody knows what became of it; the marker
            stays open, so that whoever comes next looks first.
    """

    def __init__(
        self,
        *,
        order: BookOrder,
        opening: datetime,
        marker: OwnMarker,
        provider: BookingProvider,
        account: AccountQueue,
        lane: WarmLane,
        wait: ArmedWait,
        tries: Tries,
        ends: BookingEnds,
        looks: Looks,
        gun: StartingGun,
        clock: Clock,
        stop: Stop,
    ) -> None:
        self._order = order
        self._opening = opening
        self._deadline = opening + order.timing.late_deadline
        self._marker = marker
        self._provider = provider
        self._account = account
        self._lane = lane
        self._wait = wait
        self._tries = tries
        self._ends = ends
        self._looks = looks
        self._gun = gun
        self._clock = clock
        self._stop = stop
        self._fired = False
        self.uncertain = False

    async def result(self) -> BookingResult:
        """Send until the answer is definite."""
        due = await self._until_due(self._wait.clock_wait)
        while True:
            if (found := await self._ghost()) is not None:
                return await self._ends.from_look_up(found)
            try:
                confirmed = await self._send_once(due)
            except UnknownOutcome as nobody_knows:
                decided = await self._settle_own(nobody_knows.evidence)
            except ProviderError as refusal:
                self.uncertain = False
                decided = await self._after(refusal)
            else:
                if confirmed is not None:
                    return await self._ends.booked(confirmed.booking, by_look_up=False)
                decided = None
            if decided is not None:
                return decided
            due = await self._until_due()

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
                await self._gun.until(again, self._clock, self._stop)
            case SoldOut() | Rejected() | Unauthorised():
                return await self._ends.unless_booked(refused_by(self._marker.fence, refusal))
            case Throttled():
                if await self._put_off(refusal.wait) > self._wait.gives_up_at:
                    raise refusal
            case _:
                raise refusal
        return None

    async def _until_due(self, behind: timedelta = timedelta()) -> datetime:
        """Wait for its time, as far as the account's pause is known, and so much longer.

        Where nothing is left to be looked at it is fired at the instant itself.

        Raises:
            Throttled: the pause has grown beyond what one attempt waits.
        """
        due = self._account.put_off(self._order, self._opening)
        if due > self._wait.gives_up_at:
            raise Throttled(max(due - self._clock.now(), timedelta()))
        fire = None if self._ends.ghost_since else lambda: self._fire(due)
        await self._gun.until(due + behind, self._clock, self._stop, fire)
        return due

    def _fire(self, due: datetime) -> None:
        """The one write, before anything else of this process runs, if nothing stands against it.

        What does is looked into by `_send_once`.
        """
        if self._may_fire(due) and self._account.entered_at_once():
            self._write()

    def _fire_in_turn(self, due: datetime) -> None:
        """Likewise, for one that waited until its account had room."""
        if self._may_fire(due):
            self._write()

    def _may_fire(self, due: datetime) -> bool:
        paused = self._account.put_off(self._order, self._opening) > due
        return not paused and self._marker.stands and self._lane.usable

    def _write(self) -> None:
        self.uncertain = True
        self._tries.begin()
        self._fired = self._lane.fire(self._tries.left)

    async def _ghost(self) -> Found | None:
        """What a send that left no trace made after all, seen just before the next one.

        Raises:
            Unavailable: the provider does not answer in time, so nothing is sent on top of it.
        """
        since, looked_at = self._ends.ghost_since, self._looks.last
        if since is None or (looked_at and self._clock.now() - looked_at < LOOK_HOLDS):
            return None
        found = await self._looks(since, self._clock.now())
        if found is None:
            raise Unavailable("no answer while an earlier send is unclear")
        if found.nothing and self._clock.now() > self._wait.gives_up_at:
            raise Unavailable("the look took longer than an attempt may")
        return None if found.nothing else found

    async def _send_once(self, due: datetime) -> Confirmed | None:
        """One request, when concurrency and our lease allow it.

        None, with nothing sent, where the account was paused meanwhile.
        """
        if self._fired:
            self._fired = False
            try:
                return await self._answered()
            finally:
                self._account.leave()
        fire = None if self._ends.ghost_since else lambda: self._fire_in_turn(due)
        async with self._account.turn(self._stop, fire):
            if self._fired:
                self._fired = False
                return await self._answered()
            if not self._marker.stands:
                await self._marker.stand_again()
            if self._account.put_off(self._order, self._opening) > due:
                return None
            self._stop.check()
            self.uncertain = True
            self._tries.begin()
            return await self._answered()

    async def _answered(self) -> Confirmed:
        try:
            confirmed = await self._lane.send(self._tries.left)
        except ProviderError as failure:
            self._tries.answered(failure, self._clock.now())
            raise
        self._tries.answered(confirmed, self._clock.now())
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
        return now + max(self._growing, others)

    @property
    def _growing(self) -> timedelta:
        longest = self._order.timing.opening_retry
        return min(FIRST_RETRY * 2 ** min(max(self._tries.sent - 1, 0), 10), longest)

    async def _put_off(self, wait: timedelta) -> datetime:
        """The provider asked for quiet; when this one may be sent.

        One that asks for none at all is given some: asked again at once it would only refuse.
        """
        until = self._clock.now() + max(wait, self._growing)
        try:
            await self._account.pause(self._order.send_at, until)
        except RecordsError as error:
            activity.logger.warning("other processes do not know of the pause: %r", error)
        return self._account.put_off(self._order, self._opening)

    async def _settle_own(self, evidence: str) -> BookingResult | None:
        """After an unclear answer: what became of it, or None when one more send is due."""
        sent_at = self._tries.first_byte or self._clock.now()
        quiet_until = self._clock.now() + self._order.timing.quiet_period
        found = await self._looks(sent_at, quiet_until)
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
