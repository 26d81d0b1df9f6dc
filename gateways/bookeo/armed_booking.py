"""A booking prepared on a lane."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from domain.booking import Confirmed
from domain.errors import LaneLost
from gateways.bookeo.lane import Lane

OnFirstByte = Callable[[datetime], None] | None


class ArmedBookeoBooking:
    """An `ArmedBooking`. Made by `BookeoAccount.arm`."""

    def __init__(self, lane: Lane, answer: Callable[[], Awaitable[Confirmed]]) -> None:
        """`answer` tells what came back of what was written on the lane."""
        self._lane = lane
        self._answer = answer
        self._fired = False

    @property
    def usable(self) -> bool:
        return self._lane.usable

    def fire(self, on_first_byte: OnFirstByte = None) -> bool:
        if not self._lane.usable:
            return False
        self._lane.fire(on_first_byte)
        self._fired = True
        return True

    async def send(self, on_first_byte: OnFirstByte = None) -> Confirmed:
        if not self._fired and not self.fire(on_first_byte):
            raise LaneLost("the booking was not sent: the idle connection was closed")
        self._fired = False
        return await self._answer()

    def close(self) -> None:
        self._lane.close()
