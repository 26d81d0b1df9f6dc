"""What a run measured."""

import math
import os
import platform
from collections.abc import Sequence
from importlib.metadata import version

from domain.frozen import Frozen, Instant


class Machine(Frozen):
    """Where it ran. Server, database, simulators and worker share it."""

    processors: int
    system: str
    python: str
    temporalio: str
    load_before: float
    """Mean number of running programs in the minute before: others disturb the figures."""

    @classmethod
    def here(cls) -> "Machine":
        """This one, now."""
        return cls(
            processors=os.cpu_count() or 1,
            system=f"{platform.system()} {platform.machine()}",
            python=platform.python_version(),
            temporalio=version("temporalio"),
            load_before=round(os.getloadavg()[0], 2),
        )


class Booking(Frozen):
    """One registration. Milliseconds after the opening, except where it says otherwise."""

    status: str
    fee_status: str
    requests: int
    """Requests to book that reached the provider for it."""
    bookings: int
    """Live bookings that the provider holds for it."""
    arrived_ms: float | None
    """When its first request reached the provider, by the simulator's ledger."""
    lateness_ms: int | None
    """First byte - assigned send time, as its row says."""
    queue_delay_ms: int | None
    """Assigned send time - opening, as its row says."""
    receipt_ms: float | None
    """When its receipt was written, by the database's clock."""


class Found(Frozen):
    """The result of one run."""

    registrations: int
    opening: Instant
    machine: Machine
    confirmed_in_s: float
    """From the first draft to the last confirmation."""
    bookings: tuple[Booking, ...]

    @property
    def sound(self) -> bool:
        """Whether each was booked once, not before the opening, and paid."""
        return all(
            booking.status == "completed"
            and booking.fee_status == "paid"
            and booking.bookings == 1
            and booking.arrived_ms is not None
            and booking.arrived_ms >= 0
            for booking in self.bookings
        )

    @property
    def arrivals(self) -> list[float]:
        """Of those that reached the provider, ascending."""
        return _sorted([booking.arrived_ms for booking in self.bookings])

    @property
    def lateness(self) -> list[float]:
        """Of those that were sent, ascending."""
        return _sorted([booking.lateness_ms for booking in self.bookings])

    @property
    def receipts(self) -> list[float]:
        """Of those that were completed, ascending."""
        return _sorted([booking.receipt_ms for booking in self.bookings])


def _sorted(values: Sequence[float | None]) -> list[float]:
    return sorted(value for value in values if value is not None)


def percentile(ascending: Sequence[float], share: float) -> float | None:
    """The smallest value that so large a share (0 to 1) does not exceed; None where none are.

    By nearest rank: of fewer than 100 values the 99th percentile is the largest.
    """
    if not ascending:
        return None
    return ascending[max(math.ceil(share * len(ascending)), 1) - 1]
