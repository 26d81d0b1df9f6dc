"""Finding out what an unclear send did. The provider is asked, never assumed."""

import asyncio
from datetime import datetime, timedelta

from activities.clock import Clock
from domain.booking import Booking, BookingOrder
from domain.errors import ProviderError, Unauthorised
from domain.frozen import Frozen
from gateways import BookingProvider

FIRST_PAUSE = timedelta(milliseconds=500)
LONGEST_PAUSE = timedelta(seconds=5)
READ_MARGIN = timedelta(minutes=10)
"""How much earlier than the send the look-up begins: the provider's clock is not ours."""


class Found(Frozen):
    """What the look-up says."""

    live: Booking | None = None
    surplus: tuple[Booking, ...] = ()
    """Further live bookings under the same reference, beyond the earliest."""
    cancelled: bool = False
    """Only cancelled ones exist: somebody ended it on purpose, so nothing is booked again."""

    @property
    def all_live(self) -> tuple[Booking, ...]:
        """Every live booking, oldest first."""
        return (self.live, *self.surplus) if self.live else ()

    @property
    def nothing(self) -> bool:
        """No trace of the reference."""
        return self.live is None and not self.cancelled


async def look_up(provider: BookingProvider, order: BookingOrder, since: datetime) -> Found:
    """Ask once. Raises the provider's errors."""
    bookings = await provider.find(order, since - READ_MARGIN)
    live = [booking for booking in bookings if not booking.cancelled]
    if live:
        return Found(live=live[0], surplus=tuple(live[1:]))
    return Found(cancelled=bool(bookings))


async def reconcile(
    provider: BookingProvider,
    order: BookingOrder,
    since: datetime,
    quiet_until: datetime,
    clock: Clock,
) -> Found | None:
    """Ask until something is found, or nothing was found after the quiet period.

    The provider may list a booking only some time after it made it, so an empty answer counts
    only past `quiet_until`. None when it gave no answer at all by then and the same time again.
    """
    pause = FIRST_PAUSE
    give_up = quiet_until + (quiet_until - clock.now()) + LONGEST_PAUSE
    while True:
        asked_at = clock.now()
        try:
            found = await look_up(provider, order, since)
        except Unauthorised:
            return None
        except ProviderError:
            if asked_at >= give_up:
                return None
        else:
            if not found.nothing or asked_at >= quiet_until:
                return found
        await asyncio.sleep(pause.total_seconds())
        pause = min(pause * 2, LONGEST_PAUSE)


class Looks:
    """Looks for one booking.

    Attributes:
        last: when the last one ended; None before any.
    """

    def __init__(self, provider: BookingProvider, order: BookingOrder, clock: Clock) -> None:
        self._provider = provider
        self._order = order
        self._clock = clock
        self.last: datetime | None = None

    async def __call__(self, since: datetime, quiet_until: datetime) -> Found | None:
        """As `reconcile`."""
        found = await reconcile(self._provider, self._order, since, quiet_until, self._clock)
        self.last = self._clock.now()
        return found
