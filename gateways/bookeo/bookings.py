"""Bookings already made: read, found again by our reference, cancelled."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from domain.booking import Booking, BookingOrder
from domain.errors import Rejected, Unavailable
from gateways.bookeo.catalogue import timestamp
from gateways.bookeo.models import WireBooking
from gateways.bookeo.reading import Reading
from gateways.bookeo.wire import Query

LONGEST_WINDOW = timedelta(days=30)
"""Bookeo takes windows of at most 31 days."""

CLOCK_MARGIN = timedelta(minutes=10)
"""By how much the provider's clock may differ from ours."""

LONG_AGO = datetime.min.replace(tzinfo=UTC)


class Bookings:
    """Bookings of one account. Raises as `Reading` does."""

    def __init__(self, reading: Reading, now: Callable[[], datetime]) -> None:
        self._reading = reading
        self._now = now

    async def read(self, number: str) -> Booking:
        """The booking under that number."""
        return (await self._reading.one(WireBooking, _path(number))).booking()

    async def look_up(self, number: str) -> Booking | None:
        """The booking under that number, or None where the provider knows none."""
        try:
            return await self.read(number)
        except Rejected as refused:
            if refused.kind == "not_found":
                return None
            raise

    async def find(self, order: BookingOrder, since: datetime) -> list[Booking]:
        """Every booking under the order's reference, oldest first.

        Two lists are read, since either may lag: the customer's bookings, which may leave out
        cancelled ones, and the product's changed since then, cancelled ones included.
        """
        listed = await self._of_customer(order.people.customer_id)
        listed += await self._changed(since - CLOCK_MARGIN, {"productId": order.product_id})
        found: dict[str, Booking] = {}
        for booking in (item.booking() for item in listed if item.external_ref == order.reference):
            earlier = found.get(booking.booking_number)
            if earlier is not None and earlier.cancelled:
                # No booking comes back to life: the list that still shows it alive lags.
                continue
            found[booking.booking_number] = booking
        return sorted(
            found.values(), key=lambda one: (one.created_at or LONG_AGO, one.booking_number)
        )

    async def changed_since(self, since: datetime) -> list[Booking]:
        """Every booking made or changed since then, of whatever product."""
        changed = await self._changed(since - CLOCK_MARGIN, {})
        return list({item.booking_number: item.booking() for item in changed}.values())

    async def cancel(self, number: str, reason: str) -> None:
        """Cancel without policy and notice. A booking already cancelled counts as done.

        Raises:
            Rejected: `not_found` where no booking can be read under that number, so that a
                wrong number never passes for a cancellation; else as the provider refused.
            Unavailable: also where the provider denies a booking that it still shows.
        """
        query = {
            "reason": reason,
            "notifyUsers": False,
            "notifyCustomer": False,
            "applyCancellationPolicy": False,
        }
        try:
            await self._reading.call("DELETE", _path(number), query=query)
        except Rejected as refused:
            booking = await self.read(number)
            if booking.cancelled:
                return
            if refused.kind == "not_found":
                raise Unavailable("the provider denies a booking that it still shows") from None
            raise

    async def _of_customer(self, customer_id: str) -> list[WireBooking]:
        if not customer_id:
            return []
        path = f"customers/{quote(customer_id, safe='')}/bookings"
        try:
            return await self._reading.every(WireBooking, path, {}, per_page=100)
        except Rejected as refused:
            if refused.kind == "not_found":
                return []
            raise

    async def _changed(self, since: datetime, narrowed: Query) -> list[WireBooking]:
        until, listed = self._now() + CLOCK_MARGIN, list[WireBooking]()
        while since < until:
            end = min(since + LONGEST_WINDOW, until)
            listed += await self._reading.every(
                WireBooking,
                "bookings",
                {
                    "lastUpdatedStartTime": timestamp(since),
                    "lastUpdatedEndTime": timestamp(end + timedelta(seconds=1)),
                    "includeCanceled": True,
                    **narrowed,
                },
                per_page=100,
            )
            since = end
        return listed


def _path(number: str) -> str:
    return f"bookings/{quote(number, safe='')}"
