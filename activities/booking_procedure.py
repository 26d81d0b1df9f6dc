"""One attempt at a booking, from its marker to a true answer."""

from datetime import datetime

from activities.armed_wait import ArmedWait
from activities.booking_ends import BookingEnds
from activities.booking_facts import booking_facts
from activities.booking_results import missed, refused
from activities.clock import Clock
from activities.earlier_attempts import EarlierAttempts
from activities.lane_room import LaneRoom
from activities.own_marker import OwnMarker
from activities.permission import Permission
from activities.reconcile import Looks
from activities.sending import LOST_TWICE, Sending
from activities.stop import Stop
from activities.surplus import SurplusBookings
from activities.tries import Tries
from activities.warm_lane import WarmLane
from domain.attempts import OpenedAttempt
from domain.booking import Booking, BookingOrder
from domain.consent import over_cap
from domain.contracts import BookingFacts, BookingResult, BookOrder
from domain.errors import MandateKeyUnknown
from domain.mandates import Use
from domain.registrations import Agreement
from domain.review_causes import ReviewCause
from domain.states import FailureCode
from gateways import BookingProvider, Records

NOT_VERIFIED = "We could not check your permission in time, so nothing was booked."


class BookingProcedure:
    """The procedure of one attempt.

    It is stopped by asking, never by cancelling it in mid-air: what it began is finished, and
    then nothing further is sent.

    Attributes:
        tries: the requests that it has sent so far.
    """

    def __init__(
        self,
        *,
        order: BookOrder,
        booking: BookingOrder,
        agreement: Agreement,
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
        self._agreement = agreement
        self._marker = marker
        self._opened = opened
        self._records = records
        self._provider = provider
        self._permission = permission
        self._room = room
        self._clock = clock
        self._price = order.price or agreement.program.price_for(len(agreement.child_ids))
        self._looks = Looks(provider, booking, clock)
        self._lane = WarmLane(provider, booking)
        self.tries = Tries()
        account = room.account(agreement)
        self._wait = ArmedWait(
            order=order,
            lane=self._lane,
            room=room,
            account=account,
            provider=provider,
            clock=clock,
            stop=stop,
            opening=self._opening,
        )
        self._ends = BookingEnds(
            agreement=agreement,
            price=self._price,
            provider=provider,
            look=lambda since: self._looks(since, clock.now()),
            facts=self._facts,
            fence=lambda: marker.fence,
            surplus=SurplusBookings(records),
        )
        if opened.nothing_found:
            self._ends.ghost_since = min(opened.marker.opened_at, order.send_at)
        self._sending = Sending(
            order=order,
            opening=self._opening,
            marker=marker,
            provider=provider,
            account=account,
            lane=self._lane,
            wait=self._wait,
            tries=self.tries,
            ends=self._ends,
            looks=self._looks,
            gun=room.gun,
            clock=clock,
            stop=stop,
        )

    @property
    def uncertain(self) -> bool:
        """Whether a request may have been sent and nobody knows what became of it.

        Then the marker stays open, so that whoever comes next looks first.
        """
        return self._sending.uncertain

    async def run(self) -> BookingResult:
        """Look first where an earlier marker is open, then wait, then send."""
        result = await self._run()
        clocks = self._room.clocks(self._provider.clock())
        return result.model_copy(update={"tries": self.tries.kept, "clocks": clocks})

    async def _run(self) -> BookingResult:
        ends = self._ends
        if (booked := self._opened.booked) is not None:
            self.tries.first_byte = booked.send_at
            return await ends.recorded(booked.booking_number)
        earlier = EarlierAttempts(
            self._order, self._opened, self._records, self._clock, self._room.lease.id
        )
        if earlier.any:
            found = await earlier.settle(self._looks)
            if found is None:
                return ends.unclear(
                    ReviewCause.EARLIER_ATTEMPT_UNANSWERED,
                    "the organiser's system gave no answer to our look-ups",
                )
            if not found.nothing:
                self.tries.first_byte = earlier.first_send
                return await ends.from_look_up(found)
            if earlier.may_have_sent:
                if ends.ghost_since is not None:
                    return ends.unclear(
                        LOST_TWICE, "two sends left no trace within the quiet period"
                    )
                ends.ghost_since = earlier.since
        if self._opened.nothing_found > 1:
            return ends.unclear(LOST_TWICE, "two sends left no trace")
        refusal = self._forbidden()
        if refusal is not None:
            return await ends.unless_booked(refusal)
        try:
            await self._wait.done()
            return await self._sending.result()
        finally:
            self._lane.close()

    def _forbidden(self) -> BookingResult | None:
        """Why nothing may be sent, however the last look went; None when it may.

        Raises:
            MandateKeyUnknown: it cannot be told here, and there is time for somebody else.
        """
        try:
            faults = self._permission.faults(self._agreement, Use.BOOKING)
        except MandateKeyUnknown:
            if not self._too_late:
                raise
            return refused(self._marker.fence, FailureCode.MANDATE_INVALID, NOT_VERIFIED)
        if faults:
            return refused(self._marker.fence, FailureCode.MANDATE_INVALID, faults[0].sentence)
        too_dear = over_cap(self._agreement.registration, self._price)
        if too_dear is not None:
            return refused(self._marker.fence, FailureCode.OVER_CAP, too_dear.sentence)
        return missed(self._marker.fence) if self._too_late else None

    @property
    def _too_late(self) -> bool:
        return self._clock.now() > self._deadline

    @property
    def _opening(self) -> datetime:
        return self._agreement.registration.scheduled_time

    @property
    def _deadline(self) -> datetime:
        return self._opening + self._order.timing.late_deadline

    def _facts(self, booking: Booking, found_by_look_up: bool) -> BookingFacts:
        return booking_facts(
            booking,
            order=self._order,
            opening=self._opening,
            tries=self.tries,
            wait=self._wait,
            found_at=self._clock.now() if found_by_look_up else None,
        )
