"""The connection a booking waits on: opened shortly before the instant, or done without."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from temporalio import activity

from domain.booking import BookingOrder, Confirmed
from domain.errors import LaneLost, ProviderError
from gateways import ArmedBooking, BookingProvider


class WarmLane:
    """A prepared booking where one is to be had, else the plain way."""

    def __init__(self, provider: BookingProvider, order: BookingOrder) -> None:
        self._provider = provider
        self._order = order
        self._armed: ArmedBooking | None = None

    async def open(self, within: timedelta, *, warm: bool) -> None:
        """Arm it. Never a reason to fail, or to be late: the booking can be sent without."""
        try:
            async with asyncio.timeout(within.total_seconds()):
                self._armed = await self._provider.arm(self._order, warm=warm)
        except (ProviderError, TimeoutError) as error:
            activity.logger.warning("no lane, the booking goes the plain way: %r", error)

    @property
    def usable(self) -> bool:
        """Whether it is armed on a connection that still stands."""
        return self._armed is not None and self._armed.usable

    async def mend(self, within: timedelta) -> None:
        """Open it anew where the provider closed the idle connection."""
        if self.usable:
            return
        self.close()
        await self.open(within, warm=False)

    def fire(self, on_first_byte: Callable[[datetime], None]) -> bool:
        """Write it in this very call; False, with nothing written, where no lane stands.

        `send` then waits for the answer.
        """
        return self._armed is not None and self._armed.fire(on_first_byte)

    async def send(self, on_first_byte: Callable[[datetime], None]) -> Confirmed:
        """Send once. Raises as `BookingProvider.book` does.

        A lane that died while it waited never sent, so the plain way takes over at once.
        """
        armed, self._armed = self._armed, None
        if armed is None:
            return await self._provider.book(self._order, on_first_byte)
        try:
            return await armed.send(on_first_byte)
        except LaneLost:
            return await self._provider.book(self._order, on_first_byte)
        finally:
            armed.close()

    def close(self) -> None:
        """Give back what was not sent."""
        if self._armed is not None:
            self._armed.close()
            self._armed = None
