"""Something that several checks need, asked for once."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Generic, TypeVar

from console.doctor.findings import NotChecked
from settings import SettingsError

T = TypeVar("T")


class Once(Generic[T]):
    """One thing, asked for when it is first needed, within a bound.

    Attributes of construction:
        told_by: the finding that says what is wrong where it is not to be had.
        obtain: asks for it.
        within: how long that may take, whatever it waits for itself included.
    """

    def __init__(self, told_by: str, obtain: Callable[[], Awaitable[T]], within: timedelta) -> None:
        self._told_by = told_by
        self._obtain = obtain
        self._within = within
        self._asking: asyncio.Task[T] | None = None

    async def own(self) -> T:
        """For the check that tells of it.

        Raises:
            NotChecked: a setting is missing, which the variables' own findings name.
            Exception: whatever `obtain` raises; TimeoutError.
        """
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask())
            # Its failure is everybody's to hear, and nobody's duty.
            self._asking.add_done_callback(lambda done: done.cancelled() or done.exception())
        try:
            # Shielded: one check that gives up takes it from no other.
            return await asyncio.shield(self._asking)
        except SettingsError:
            raise NotChecked("a variable that it needs is missing or malformed") from None

    async def needed(self) -> T:
        """For a check that cannot do without.

        Raises:
            NotChecked: it is not to be had, for whatever reason.
        """
        try:
            return await self.own()
        except NotChecked:
            raise
        except Exception:  # noqa: BLE001 - what it was, its own check tells
            raise NotChecked(f"{self._told_by} failed") from None

    async def _ask(self) -> T:
        async with asyncio.timeout(self._within.total_seconds()):
            return await self._obtain()
