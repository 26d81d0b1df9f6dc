"""What a booking provider in memory has on sale, and what was booked."""

from dataclasses import dataclass, field
from datetime import datetime

from domain.booking import Booking, BookingOrder, Slot
from domain.money import Money


@dataclass(slots=True)
class FakeEvent:
    """One event on sale. Its fields are knobs: set them at any time."""

    product_id: str
    event_id: str
    starts_at: datetime
    ends_at: datetime
    seats: int
    """Still free."""
    opens_at: datetime | None = None
    """None: long open."""
    price: Money = field(default_factory=lambda: Money(amount_cents=12_000))
    """Per child."""
    accepts: bool = True
    """False: bookings await somebody's approval."""

    def open_at(self, now: datetime) -> bool:
        """Whether customers may book."""
        return self.opens_at is None or now >= self.opens_at

    def slot(self) -> Slot:
        """As the provider lists it."""
        return Slot(
            product_id=self.product_id,
            event_id=self.event_id,
            start_time=self.starts_at,
            end_time=self.ends_at,
            seats_available=self.seats,
        )


@dataclass(slots=True)
class Made:
    """A booking as the provider keeps it."""

    order: BookingOrder
    booking: Booking
    changed_at: datetime
