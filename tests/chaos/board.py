"""Where every registration stands, read from the database beside everything else."""

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import psycopg

from domain.states import FeeStatus, RegistrationStatus

EVERY_S = 0.25

UNDER_WAY = frozenset(
    {RegistrationStatus.DRAFT, RegistrationStatus.PENDING, RegistrationStatus.EXECUTING}
)


UNPAID = frozenset({FeeStatus.DUE, FeeStatus.REQUIRES_ACTION})

MARGIN = timedelta(seconds=20)
"""A row is looked for again so long after it was made: it may have been written late."""


class Seen(NamedTuple):
    """One row."""

    status: RegistrationStatus
    fee_status: FeeStatus
    armed: bool
    """Whether it has an open marker."""

    @property
    def ended(self) -> bool:
        """Whether it is booked or not: the fee may follow."""
        return self.status not in UNDER_WAY

    @property
    def may_change(self) -> bool:
        """Whether it is worth another look."""
        return not self.ended or self.fee_status in UNPAID


class Board:
    """Reads all rows together, a few times a second, for everyone who waits for one of them.

    Args:
        database: a superuser's connection of its own.
    """

    def __init__(self, database: psycopg.Connection) -> None:
        self._database = database
        self._rows: dict[UUID, Seen] = {}
        self._waited_for = Counter[UUID]()
        self._since = datetime.min.replace(tzinfo=UTC)
        self._read = asyncio.Condition()

    async def keep(self) -> None:
        """Read until cancelled."""
        while True:
            await asyncio.to_thread(self._look)
            async with self._read:
                self._read.notify_all()
            await asyncio.sleep(EVERY_S)

    def at(self, registration_id: UUID) -> Seen | None:
        """As it was read last."""
        return self._rows.get(registration_id)

    def ended(self, registration_id: UUID) -> bool:
        """Whether it is booked or not, as it was read last."""
        seen = self.at(registration_id)
        return seen is not None and seen.ended

    async def until(
        self, registration_id: UUID, so: Callable[[Seen], bool], seconds: float
    ) -> bool:
        """Whether it came to be so within the time."""

        def holds() -> bool:
            seen = self.at(registration_id)
            return seen is not None and so(seen)

        self._waited_for[registration_id] += 1
        try:
            async with asyncio.timeout(seconds), self._read:
                await self._read.wait_for(holds)
        except TimeoutError:
            return False
        finally:
            self._waited_for[registration_id] -= 1
        return True

    def _look(self) -> None:
        rows = list(self._rows.items())
        found = self._database.execute(
            "select s.id, s.status, s.fee_status, exists (select from public.booking_attempts a"
            " where a.registration_id = s.id and a.closed_at is null)"
            " from public.scheduled_registrations s where s.id = any(%s) or s.created_at > %s",
            [[one for one, seen in rows if seen.may_change or self._waited_for[one]], self._since],
        ).fetchall()
        self._since = datetime.now(UTC) - MARGIN
        for row in found:
            self._rows[row[0]] = Seen(RegistrationStatus(row[1]), FeeStatus(row[2]), row[3])
