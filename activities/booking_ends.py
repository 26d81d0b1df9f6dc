"""From what the provider said, or shows, to the one true answer of an attempt."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from temporalio import activity

from activities.booking_results import over_the_cap, unknown
from activities.reconcile import Found
from activities.surplus import SurplusBookings
from domain.booking import Booking
from domain.consent import over_cap
from domain.contracts import BookingEnd, BookingFacts, BookingResult
from domain.errors import ProviderError, RecordsError, Unauthorised, Unavailable
from domain.looking_again import Finding, Judgement
from domain.money import Money
from domain.registrations import Agreement
from domain.review_causes import ReviewCause
from gateways import BookingProvider

Facts = Callable[[Booking, bool], BookingFacts]
"""A booking, and whether it was found by looking, with how exactly it was sent."""


class BookingEnds:
    """The ends of one attempt: each checked against what the parent agreed to.

    Args of construction:
        price: what it is expected to cost, for a booking that does not say.

    Attributes:
        ghost_since: from when on a send may have been made that left no trace; None for none.
    """

    def __init__(
        self,
        *,
        agreement: Agreement,
        price: Money,
        provider: BookingProvider,
        look: Callable[[datetime], Awaitable[Found | None]],
        facts: Facts,
        fence: Callable[[], int],
        surplus: SurplusBookings,
    ) -> None:
        self._agreement = agreement
        self._price = price
        self._provider = provider
        self._look = look
        self._facts = facts
        self._fence = fence
        self._surplus = surplus
        self.ghost_since: datetime | None = None

    def unclear(self, cause: ReviewCause, evidence: str) -> BookingResult:
        """Nobody can tell."""
        return unknown(self._fence(), cause, evidence)

    async def booked(self, booking: Booking, *, by_look_up: bool) -> BookingResult:
        """It stands, unless it is dearer than agreed or still to be approved."""
        number = booking.booking_number
        if not booking.accepted:
            return self.unclear(
                ReviewCause.AWAITS_APPROVAL, f"booking {number} awaits the organiser's approval"
            )
        too_dear = over_cap(self._agreement.registration, booking.price or self._price)
        if too_dear is not None:
            try:
                await self._provider.cancel(number, "price above the limit")
            except ProviderError:
                return self.unclear(
                    ReviewCause.ABOVE_LIMIT_STANDS,
                    f"booking {number} is above the limit and stands",
                )
            return over_the_cap(self._fence(), too_dear)
        return BookingResult(
            end=BookingEnd.BOOKED,
            fence=self._fence(),
            booking=self._facts(booking, by_look_up),
        )

    async def recorded(self, number: str) -> BookingResult:
        """The booking that an earlier attempt ended in: fetched back, and never sent again.

        Raises:
            Unavailable: the provider does not answer; look again later.
        """
        try:
            booking = await self._provider.booking(number)
        except Unauthorised:
            return self.unclear(
                ReviewCause.EARLIER_ATTEMPT_UNANSWERED,
                f"booking {number} was recorded, and our keys are refused",
            )
        except ProviderError as silent:
            raise Unavailable(f"booking {number} cannot be fetched back yet") from silent
        if booking is None or booking.cancelled:
            return self.unclear(
                ReviewCause.ONLY_CANCELLED, f"booking {number} was recorded and does not stand"
            )
        return await self.booked(booking, by_look_up=True)

    async def from_look_up(self, found: Found) -> BookingResult:
        """What is found under our reference; surplus bookings are cancelled."""
        if found.live is None:
            return self.unclear(
                ReviewCause.ONLY_CANCELLED, "only a cancelled booking exists under our reference"
            )
        result = await self.booked(found.live, by_look_up=True)
        if found.surplus:
            given_up = result.end is BookingEnd.REFUSED
            await self._cancel_surplus(None if given_up else found.live, found.all_live)
        return result

    async def _cancel_surplus(self, kept: Booking | None, live: tuple[Booking, ...]) -> None:
        """All but the first; `kept` is None where that was too dear. What fails here is never a
        reason to doubt what is kept: it is told, and a sweep comes again once the run has ended.
        """
        numbers = tuple(booking.booking_number for booking in live)
        judgement = Judgement(
            finding=Finding.SURPLUS,
            kept=kept.booking_number if kept else None,
            surplus=numbers[1:],
        )
        try:
            await self._surplus.cancel(
                self._provider, self._agreement.registration, judgement, numbers
            )
        except RecordsError:
            activity.logger.exception("a surplus booking could not be written down")

    async def unless_booked(self, refusal: BookingResult) -> BookingResult:
        """The refusal, but never on top of a send that left no trace.

        The provider may list a booking later than the quiet period, and then our own ghost
        may hold the very seat that is missing: one more look, and otherwise a person decides.
        """
        if self.ghost_since is None:
            return refusal
        found = await self._look(self.ghost_since)
        if found is not None and not found.nothing:
            return await self.from_look_up(found)
        return unknown(
            self._fence(),
            ReviewCause.REFUSED_AFTER_LOST_SEND,
            f"{refusal.failure_code} after a send that left no trace",
            refusal.failure_code,
        )
