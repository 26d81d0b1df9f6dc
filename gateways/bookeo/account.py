"""One Bookeo account, as the service's booking provider."""

from collections.abc import Awaitable, Callable
from datetime import datetime

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
from domain.errors import (
    LaneLost,
    NotOpenYet,
    ProviderError,
    Rejected,
    Throttled,
    Unauthorised,
    Unavailable,
    UnknownOutcome,
)
from domain.family import Child, Guardian
from gateways.bookeo.bookings import Bookings
from gateways.bookeo.catalogue import Catalogue
from gateways.bookeo.classification import Refusal, cause_of_refusal, verdict_on_booking
from gateways.bookeo.lane import Lane
from gateways.bookeo.models import WireBooking, booking_body
from gateways.bookeo.people import Families
from gateways.bookeo.reading import Reading
from gateways.bookeo.wire import Answer, NoAnswer, NotSent, Wire

NOTIFIED = {"notifyUsers": True, "notifyCustomer": True}
"""The organiser's own mail goes out, as for any customer."""

OnFirstByte = Callable[[datetime], None] | None


class ArmedBookeoBooking:
    """A booking prepared on a lane."""

    def __init__(
        self, lane: Lane, confirmed: Callable[[OnFirstByte], Awaitable[Confirmed]]
    ) -> None:
        self._lane = lane
        self._confirmed = confirmed

    async def send(self, on_first_byte: OnFirstByte = None) -> Confirmed:
        return await self._confirmed(on_first_byte)

    def close(self) -> None:
        self._lane.close()


class BookeoAccount:
    """A `BookingProvider` over one account's connections. Made by `BookeoAccounts`."""

    def __init__(self, wire: Wire, now: Callable[[], datetime]) -> None:
        self._wire = wire
        self._now = now
        reading = Reading(wire)
        self._catalogue = Catalogue(reading, now)
        self._families = Families(reading)
        self._bookings = Bookings(reading, now)
        self._refused_on_sale: set[str] = set()

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

    async def book(
        self, order: BookingOrder, on_first_byte: Callable[[datetime], None] | None = None
    ) -> Confirmed:
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
            ),
        )

    async def arm(self, order: BookingOrder) -> "ArmedBookeoBooking":
        """A lane: see `gateways.bookeo.lane`."""
        if not self._wire.direct:
            raise Unavailable("a lane speaks to the provider directly, and a proxy is in between")
        lane = Lane(self._wire.timeouts, self._now)
        try:
            await lane.open(self._wire.request("GET", "settings/apikeyinfo"), self._wire.tls)
        except NotSent as failure:
            raise Unavailable(f"no lane: {failure}") from None
        body = booking_body(order)
        lane.arm(self._wire.request("POST", "bookings", query=NOTIFIED, body=body))
        return ArmedBookeoBooking(
            lane,
            lambda on_first_byte: self._confirmed(
                order, lane.send(on_first_byte), not_sent=LaneLost
            ),
        )

    async def _confirmed(
        self,
        order: BookingOrder,
        answering: Awaitable[Answer],
        not_sent: type[Unavailable] = Unavailable,
    ) -> Confirmed:
        try:
            answer = await answering
        except NotSent as failure:
            raise not_sent(f"the booking was not sent: {failure}") from None
        except NoAnswer as failure:
            raise UnknownOutcome(failure.evidence) from None
        verdict = verdict_on_booking(answer)
        if isinstance(verdict, Refusal):
            raise await self._cause(order, verdict)
        self._refused_on_sale.discard(order.reference)
        return Confirmed(
            booking=await self._as_booked(answer, verdict, order),
            first_byte_at=answer.first_byte_at,
            round_trip=answer.round_trip,
        )

    async def find(self, order: BookingOrder, since: datetime) -> list[Booking]:
        return await self._bookings.find(order, since)

    async def cancel(self, booking_number: str, reason: str) -> None:
        await self._bookings.cancel(booking_number, reason)

    async def aclose(self) -> None:
        await self._wire.aclose()

    async def _cause(self, order: BookingOrder, refusal: Refusal) -> ProviderError:
        """Why it was refused.

        Where the follow-up reads fail the cause stays open, and the answer is Unavailable:
        surely nothing was booked, so it may be sent again.
        """
        try:
            if refusal is Refusal.MAYBE_KEYS:
                await self.access()
            event = (order.product_id, order.event_id, order.event_start)
            on_sale = await self.slot(*event, ahead=False)
            behind = None
            if on_sale is None:
                behind = await self.slot(*event, ahead=True)
            if on_sale is None and behind is None:
                await self.product(order.product_id)
        except (Throttled, Unauthorised) as final:
            return final
        except Rejected as rejected:
            if rejected.kind == "not_found":
                return rejected
            return Unavailable("the booking was refused, and the cause cannot be read")
        except ProviderError as failure:
            return Unavailable(f"the booking was refused, and the cause cannot be read: {failure}")
        cause = cause_of_refusal(
            order,
            refusal,
            on_sale=on_sale,
            behind=behind,
            refused_before=order.reference in self._refused_on_sale,
            was_on_sale=self._catalogue.was_on_sale(order.event_id),
            now=self._now(),
        )
        if isinstance(cause, NotOpenYet) and on_sale is not None:
            self._refused_on_sale.add(order.reference)
        else:
            self._refused_on_sale.discard(order.reference)
        return cause

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
