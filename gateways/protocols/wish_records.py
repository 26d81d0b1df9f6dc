"""Wishes to give a booking back: written down before the provider is asked."""

from typing import Protocol
from uuid import UUID

from domain.cancellation import CancellationWish, NewWish
from domain.sweeps import RunSweep


class WishRecords(Protocol):
    """Who wants a booking back, so that whatever breaks off is gone on with."""

    async def keep_wish(self, wish: NewWish) -> None:
        """Somebody wants it back. Repeatable: the first wish stays.

        Raises:
            Conflict: the registration is not `completed`.
        """
        ...

    async def drop_wish(self, registration_id: UUID, message: str | None = None) -> None:
        """The booking stands: nobody goes on. The wish of a booking that is no more stays.

        With a message the parent whose wish it was is written to.
        """
        ...

    async def cancellation_wish(self, registration_id: UUID) -> CancellationWish | None:
        """The wish, where there is one."""
        ...

    async def wishes_to_check(self, sweep: RunSweep) -> tuple[CancellationWish, ...]:
        """Wishes that have not come through, `wish_age` old, each handed out every `wish_every`."""
        ...
