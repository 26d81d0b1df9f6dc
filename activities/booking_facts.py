"""How exactly a booking was sent, as its receipt tells it."""

from datetime import datetime, timedelta

from activities.armed_wait import ArmedWait
from activities.tries import Tries
from domain.booking import Booking
from domain.contracts import BookingFacts, BookOrder

MILLISECOND = timedelta(milliseconds=1)


def booking_facts(
    booking: Booking,
    *,
    order: BookOrder,
    opening: datetime,
    tries: Tries,
    wait: ArmedWait,
    found_at: datetime | None,
) -> BookingFacts:
    """The facts; `found_at` is when it was found by looking, for want of an answer.

    Lateness counts from the send time that was assigned; how long the send time itself lies past
    the opening is the queue's delay, and what was waited for a slow provider's clock is told too.
    """
    first_byte = tries.first_byte or found_at or order.send_at
    arrival = tries.arrived_at
    return BookingFacts(
        booking_number=booking.booking_number,
        price_cents=booking.price.amount_cents if booking.price else None,
        currency=booking.price.currency if booking.price else None,
        first_request_at=first_byte,
        lateness_ms=max(0, (first_byte - order.send_at) // MILLISECOND),
        queue_delay_ms=max(0, (order.send_at - opening) // MILLISECOND),
        attempts=max(tries.sent, 1),
        found_by_lookup=found_at is not None,
        rank=order.rank,
        clock_wait_ms=wait.clock_wait // MILLISECOND,
        arrival_ms=None if arrival is None else (arrival - order.send_at) // MILLISECOND,
        armed_late=wait.armed_late,
    )
