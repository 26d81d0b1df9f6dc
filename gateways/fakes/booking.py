"""A booking provider in memory: as free of duplicates, and as full of them, as the real one."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

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
from domain.errors import NotOpenYet, ProviderError, Rejected, SoldOut
from domain.family import Child, Guardian
from domain.identifiers import registration_of
from domain.money import Money
from gateways.fakes.booking_events import FakeEvent, Made
from gateways.fakes.booking_lanes import ArmedFakeBooking, OnFirstByte
from gateways.fakes.script import Script


class FakeBookingProvider:
    """One account in memory. Deliberately books twice when asked twice.

    Attributes:
        script: failures per method name, before or after the commit.
        sends: every order that reached `book`, with its instant.
        lanes: every booking that was armed, in order.
        reading: what `clock` tells. A knob.
        skew: how far the provider's clock is ahead of ours. A knob, which `reading` ignores.
        narrows: whether `probe_clock` finds anything left to ask. A knob.
        probes: how often it asked.
        permissions: what `access` says that our keys may do. A knob.
    """

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._now = now
        self.script = Script()
        self.sends: list[tuple[datetime, BookingOrder]] = []
        self.lanes: list[ArmedFakeBooking] = []
        self.reading = ClockReading()
        self.skew = timedelta()
        self.narrows = False
        self.probes = 0
        self.permissions: tuple[str, ...] = (
            "bookings_rw_all",
            "customers_rw_all",
            "availability_r",
        )
        self._products: dict[str, Product] = {}
        self._events: dict[tuple[str, str], FakeEvent] = {}
        self._made: dict[str, Made] = {}
        self._customers: dict[str, str] = {}
        self._known_since: dict[str, datetime] = {}
        self._people: dict[tuple[str, str, str, str], str] = {}

    def add_product(self, product: Product) -> None:
        """Offer the product, or change it."""
        self._products[product.product_id] = product

    def add_event(self, event: FakeEvent) -> FakeEvent:
        """Offer the event; keep the value to turn its knobs."""
        self._events[event.product_id, event.event_id] = event
        return event

    def live_bookings(self, reference: str) -> list[Booking]:
        """The bookings under a reference that stand: never more than one may."""
        return [
            made.booking
            for made in self._made.values()
            if made.order.reference == reference and not made.booking.cancelled
        ]

    def cancel_from_their_side(self, booking_number: str) -> None:
        """The organiser cancels."""
        self._cancel(self._made[booking_number])

    def drop_lanes(self) -> None:
        """The provider closes every idle connection."""
        for lane in self.lanes:
            lane.close()

    async def access(self) -> AccountAccess:
        turn = self.script.take("access")
        await turn.before()
        await turn.after()
        return AccountAccess(account_id="fake", permissions=self.permissions)

    async def product(self, product_id: str) -> Product:
        turn = self.script.take("product")
        await turn.before()
        if product_id not in self._products:
            raise Rejected("not_found", "the provider lists no such product")
        await turn.after()
        return self._products[product_id]

    async def slot(
        self,
        product_id: str,
        event_id: str,
        starts_at: datetime,  # noqa: ARG002 - events are found by their id here
        *,
        ahead: bool,
    ) -> Slot | None:
        turn = self.script.take("slot")
        await turn.before()
        event = self._events.get((product_id, event_id))
        await turn.after()
        if event is None or not (ahead or event.open_at(self._their_now())):
            return None
        return event.slot()

    async def people(
        self,
        guardian: Guardian,
        children: tuple[Child, ...],
        category: str,  # noqa: ARG002 - people belong to no category until they book
    ) -> ProviderPeople:
        turn = self.script.take("people")
        await turn.before()
        customer = self._customers.setdefault(
            guardian.email.casefold(), f"customer-{len(self._known_since) + 1}"
        )
        self._known_since.setdefault(customer, self._now())
        people: list[str] = []
        for child in children:
            who = (customer, child.first_name, child.last_name, child.birth_date.isoformat())
            people.append(self._people.setdefault(who, f"person-{len(self._people) + 1}"))
        await turn.after()
        return ProviderPeople(customer_id=customer, person_ids=tuple(people))

    async def forget(
        self,
        guardian: Guardian,
        children: tuple[Child, ...],  # noqa: ARG002 - they belong to their parent, who is somebody new
        since: datetime,
    ) -> bool:
        turn = self.script.take("forget")
        await turn.before()
        customer = self._customers.get(guardian.email.casefold())
        own = [made for made in self._made.values() if made.order.people.customer_id == customer]
        kept = customer is not None and (
            self._known_since[customer] < since
            or any(
                not made.booking.cancelled or registration_of(made.booking.reference) is None
                for made in own
            )
        )
        if customer is not None and not kept:
            del self._customers[guardian.email.casefold()]
        await turn.after()
        return not kept

    async def book(self, order: BookingOrder, on_first_byte: OnFirstByte = None) -> Confirmed:
        sent_at = self._now()
        self.sends.append((sent_at, order))
        if on_first_byte is not None:
            on_first_byte(sent_at)
        turn = self.script.take("book")
        await turn.before()
        booking = self._commit(order)
        await turn.after()
        return Confirmed(
            booking=booking, first_byte_at=sent_at, round_trip=timedelta(), arrived_at=sent_at
        )

    async def arm(self, order: BookingOrder, *, warm: bool = True) -> ArmedFakeBooking:
        turn = self.script.take("arm")
        await turn.before()
        await turn.after()
        lane = ArmedFakeBooking(order, self.book, warm=warm)
        self.lanes.append(lane)
        return lane

    def clock(self) -> ClockReading:
        return self.reading

    async def probe_clock(self) -> bool:
        if not self.narrows:
            return False
        turn = self.script.take("probe_clock")
        self.probes += 1
        try:
            await turn.before()
            await turn.after()
        except ProviderError:
            return False
        return True

    async def find(self, order: BookingOrder, since: datetime) -> list[Booking]:
        turn = self.script.take("find")
        await turn.before()
        found = [
            made.booking
            for made in self._made.values()
            if made.order.reference == order.reference
            and (made.order.people == order.people or made.changed_at >= since)
        ]
        await turn.after()
        return found

    async def booking(self, number: str) -> Booking | None:
        turn = self.script.take("booking")
        await turn.before()
        made = self._made.get(number)
        await turn.after()
        return made.booking if made else None

    async def changed_since(self, since: datetime) -> list[Booking]:
        turn = self.script.take("changed_since")
        await turn.before()
        changed = [made.booking for made in self._made.values() if made.changed_at >= since]
        await turn.after()
        return changed

    async def cancel(
        self,
        booking_number: str,
        reason: str,  # noqa: ARG002 - nobody reads it here
    ) -> None:
        turn = self.script.take("cancel")
        await turn.before()
        made = self._made.get(booking_number)
        if made is None:
            raise Rejected("not_found", "the provider knows no such booking")
        self._cancel(made)
        await turn.after()

    async def aclose(self) -> None:
        """Nothing to give back."""

    def _their_now(self) -> datetime:
        return self._now() + self.skew

    def _commit(self, order: BookingOrder) -> Booking:
        event = self._events.get((order.product_id, order.event_id))
        party, now = len(order.people.person_ids), self._their_now()
        if event is None:
            raise Rejected("not_found", "the provider knows no such event")
        if not event.open_at(now):
            raise NotOpenYet("the event is not on sale yet")
        if event.seats < party:
            raise SoldOut("no seat is left for the party")
        event.seats -= party
        booking = Booking(
            booking_number=f"B{len(self._made) + 1:06d}",
            reference=order.reference,
            accepted=event.accepts,
            created_at=now,
            price=Money(
                amount_cents=event.price.amount_cents * party, currency=event.price.currency
            ),
        )
        self._made[booking.booking_number] = Made(order, booking, now)
        return booking

    def _cancel(self, made: Made) -> None:
        if made.booking.cancelled:
            return
        made.booking = made.booking.model_copy(update={"cancelled": True})
        made.changed_at = self._their_now()
        event = self._events[made.order.product_id, made.order.event_id]
        event.seats += len(made.order.people.person_ids)
