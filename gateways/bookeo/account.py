"""One Bookeo account, as the service's booking provider."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from pydantic import ValidationError

from domain.booking import (
    AccountAccess,
    Booking,
    BookingOrder,
    Confirmed,
    Product,
    ProviderPeople,
    Slot,
)
from domain.clocks import ClockReading
from domain.errors import ProviderError, Throttled, Unavailable, UnknownOutcome
from domain.family import Child, Guardian
from domain.pacing import Pace
from gateways.bookeo.answer import Answer, NoAnswer, NotSent
from gateways.bookeo.armed_booking import ArmedBookeoBooking, OnFirstByte
from gateways.bookeo.bookings import Bookings
from gateways.bookeo.catalogue import Catalogue
from gateways.bookeo.classification import Refusal, verdict_on_booking
from gateways.bookeo.lane import Lane
from gateways.bookeo.models import WireBooking, booking_body
from gateways.bookeo.people import Families
from gateways.bookeo.reading import Reading
from gateways.bookeo.refusals import Refusals
from gateways.bookeo.wire import Wire

NOTIFIED = {"notifyUsers": True, "notifyCustomer": True}
"""The organiser's own mail goes out, as for any customer."""

HARMLESS = "settings/apikeyinfo"

WARM_UP_PATIENCE = timedelta(seconds=1)
"""A lane that gets no turn for its warm-up by then does without."""

PROBE_PATIENCE = timedelta(milliseconds=50)
"""A probe is aimed: later it would tell less than it costs."""


class BookeoAccount:
    """A `BookingProvider` over one account's connections. Made by `BookeoAccounts`."""

    def __init__(self, wire: Wire, now: Callable[[], datetime]) -> None:
        self._wire = wire
        self._now = now
        reading = Reading(wire)
        self._catalogue = Catalogue(reading, now)
        self._families = Families(reading)
        self._bookings = Bookings(reading, now)
        self._refusals = Refusals(self._catalogue, now)

    def keep_to(self, pace: Pace) -> None:
        """From now on ask no faster than that."""
        self._wire.budget.pace = pace

    async def access(self) -> AccountAccess:
        return await self._catalogue.access()

    async def product(self, product_id: str) -> Product:
        return await self._catalogue.product(product_id)

    async def slot(
        self, product_id: str, event_id: str, starts_at: datetime, *, ahead: bool
    ) -> Slot | None:
        return await self._catalogue.slot(product_id, event_id, starts_at, ahead=ahead)

    async def people(
        self,
        guardian: Guardian,
        children: tuple[Child, ...],
        category: str,  # noqa: ARG002 - Bookeo's people belong to no category until they book
    ) -> ProviderPeople:
        return await self._families.resolve(guardian, children)

    async def forget(
        self, guardian: Guardian, children: tuple[Child, ...], since: datetime
    ) -> bool:
        return await self._families.forget(guardian, children, since)

    async def book(self, order: BookingOrder, on_first_byte: OnFirstByte = None) -> Confirmed:
        """Send the booking once, as a customer would: never with `mode=backend`.

        The organiser's own mail goes out to the parent. Raises as the Protocol says; see
        `classification` for the rules.
        """
        return await self._confirmed(
            order,
            self._wire.exchange(
                "POST",
                "bookings",
                query=NOTIFIED,
                body=booking_body(order),
                on_first_byte=on_first_byte,
                turn=self._wire.budget.at_once(),
            ),
        )

    async def arm(self, order: BookingOrder, *, warm: bool = True) -> ArmedBookeoBooking:
        """A lane: see `gateways.bookeo.lane`.

        Where the account's pace leaves no room for the warm-up, the lane is had without.
        """
        if not self._wire.direct:
            raise Unavailable("a lane speaks to the provider directly, and a proxy is in between")
        request = self._wire.request("POST", "bookings", query=NOTIFIED, body=booking_body(order))
        lane = Lane(self._wire.timeouts, self._now)
        try:
            await lane.open(request.url, self._wire.tls)
            if warm:
                await self._warm(lane)
        except NotSent as failure:
            raise Unavailable(f"no lane: {failure}") from None
        except BaseException:
            lane.close()
            raise
        lane.arm(request)
        return ArmedBookeoBooking(lane, lambda: self._confirmed(order, self._over(lane)))

    async def _warm(self, lane: Lane) -> None:
        with suppress(Throttled):
            async with self._wire.budget.turn(WARM_UP_PATIENCE):
                self._wire.heard(await lane.warm(self._wire.request("GET", HARMLESS)))

    async def _over(self, lane: Lane) -> Answer:
        # Counted after the write, which nothing of ours delays.
        async with self._wire.budget.at_once():
            answer = await lane.answer()
        self._wire.heard(answer)
        return answer

    async def _confirmed(self, order: BookingOrder, answering: Awaitable[Answer]) -> Confirmed:
        try:
            answer = await answering
        except NotSent as failure:
            raise Unavailable(f"the booking was not sent: {failure}") from None
        except NoAnswer as failure:
            raise UnknownOutcome(failure.evidence) from None
        verdict = verdict_on_booking(answer)
        if isinstance(verdict, Refusal):
            raise await self._refusals.cause(order, verdict)
        self._refusals.forget(order.reference)
        return Confirmed(
            booking=await self._as_booked(answer, verdict, order),
            first_byte_at=answer.first_byte_at,
            round_trip=answer.round_trip,
            arrived_at=_arrival(answer),
        )

    def clock(self) -> ClockReading:
        return self._wire.clock.reading

    async def probe_clock(self) -> bool:
        """As the Protocol says. False too where the provider gave no answer."""
        return await self._wire.clock.probe(
            lambda: self._wire.exchange(
                "GET", HARMLESS, turn=self._wire.budget.turn(PROBE_PATIENCE)
            )
        )

    async def find(self, order: BookingOrder, since: datetime) -> list[Booking]:
        return await self._bookings.find(order, since)

    async def booking(self, number: str) -> Booking | None:
        return await self._bookings.look_up(number)

    async def changed_since(self, since: datetime) -> list[Booking]:
        return await self._bookings.changed_since(since)

    async def cancel(self, booking_number: str, reason: str) -> None:
        await self._bookings.cancel(booking_number, reason)

    async def aclose(self) -> None:
        await self._wire.aclose()

    async def _as_booked(self, answer: Answer, number: str, order: BookingOrder) -> Booking:
        """The booking just made, read back once where the answer leaves out price or acceptance.

        A failed read does not put the booking in doubt, only its price (None) and acceptance:
        then it counts as accepted only if the product, as last read, needs no approval.

        Raises:
            UnknownOutcome: the number belongs to a booking under another reference.
        """
        told = _told(answer)
        if told is not None and told.accepted is not None and told.price is not None:
            booking = told.booking()
        else:
            try:
                booking = await self._bookings.read(number)
            except ProviderError:
                booking = _unread(told, number, self._catalogue.known_product(order.product_id))
        if booking.reference not in (None, order.reference):
            raise UnknownOutcome("the answer names a booking under another reference")
        return booking.model_copy(update={"reference": order.reference})


def _arrival(answer: Answer) -> datetime | None:
    """What only the simulator tells, in epoch milliseconds."""
    try:
        return datetime.fromtimestamp(float(answer.headers["X-Arrived-At-Ms"]) / 1000, UTC)
    except (KeyError, ValueError, OverflowError, OSError):
        return None


def _told(answer: Answer) -> WireBooking | None:
    try:
        return WireBooking.model_validate_json(answer.body)
    except ValidationError:
        return None


def _unread(told: WireBooking | None, number: str, product: Product | None) -> Booking:
    told = told or WireBooking(booking_number=number)
    accepted = told.accepted
    if accepted is None:
        accepted = product is not None and not product.needs_approval
    return told.booking().model_copy(update={"accepted": accepted})
