"""A booking prepared in memory."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from domain.booking import BookingOrder, Confirmed
from domain.errors import LaneLost

OnFirstByte = Callable[[datetime], None] | None


class ArmedFakeBooking:
    """Sending it is booking, once.

    Attributes:
        order: what it would book.
        warm: whether it was asked to be warmed.
    """

    def __init__(
        self,
        order: BookingOrder,
        book: Callable[[BookingOrder, OnFirstByte], Awaitable[Confirmed]],
        *,
        warm: bool,
    ) -> None:
        self.order = order
        self.warm = warm
        self._book = book
        self._stands = True

    @property
    def usable(self) -> bool:
        return self._stands

    async def send(self, on_first_byte: OnFirstByte = None) -> Confirmed:
        if not self._stands:
            raise LaneLost("the idle connection was closed")
        self._stands = False
        return await self._book(self.order, on_first_byte)

    def close(self) -> None:
        """Also what the provider does when it drops an idle connection."""
        self._stands = False
