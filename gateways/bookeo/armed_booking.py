"""A booking prepared on a lane."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from domain.booking import Confirmed
from gateways.bookeo.lane import Lane

OnFirstByte = Callable[[datetime], None] | None


class ArmedBookeoBooking:
    """An `ArmedBooking`. Made by `BookeoAccount.arm`."""

    def __init__(
        self, lane: Lane, confirmed: Callable[[OnFirstByte], Awaitable[Confirmed]]
    ) -> None:
        self._lane = lane
        self._confirmed = confirmed

    @property
    def usable(self) -> bool:
        return self._lane.usable

    async def send(self, on_first_byte: OnFirstByte = None) -> Confirmed:
        return await self._confirmed(on_first_byte)

    def close(self) -> None:
        self._lane.close()
