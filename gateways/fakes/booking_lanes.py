"""A booking prepared in memory."""

import asyncio
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
        self._answer: asyncio.Future[Confirmed] | None = None

    @property
    def usable(self) -> bool:
        return self._stands

    def fire(self, on_first_byte: OnFirstByte = None) -> bool:
        if not self._stands:
            return False
        self._stands = False
        self._answer = asyncio.ensure_future(self._book(self.order, on_first_byte))
        return True

    async def send(self, on_first_byte: OnFirstByte = None) -> Confirmed:
        if self._answer is None and not self.fire(on_first_byte):
            raise LaneLost("the idle connection was closed")
        answer, self._answer = self._answer, None
        assert answer is not None  # noqa: S101 - it was fired
        return await answer

    def close(self) -> None:
        """Also what the provider does when it drops an idle connection."""
        self._stands = False
