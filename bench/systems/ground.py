"""What every system is measured on, and what measuring it brings."""

from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from bench.arrivals import Ledger
from bench.families import Families
from bench.figures import Detail, Row
from bench.world import World


@dataclass(frozen=True)
class Plan:
    """One run."""

    n: int
    """Registrations that share the instant."""
    run: int = 1
    accounts: int | None = None
    """Over so many provider accounts; None: each has one of its own."""
    tls: bool = False

    @property
    def spread_over(self) -> int:
        """How many accounts it takes."""
        return self.n if self.accounts is None else min(self.accounts, self.n)


@dataclass(frozen=True)
class Ground:
    """The world, with what is kept from run to run."""

    world: World
    families: Families
    ledger: Ledger
    confirm_s: dict[str, float] = field(default_factory=dict[str, float])
    """How long one draft and confirm of each system is reckoned to take."""

    @classmethod
    def of(cls, world: World) -> "Ground":
        """Fresh, in that world."""
        return cls(world, Families(world.door, world.progress), Ledger(world.provider))


class Measured(NamedTuple):
    """One run's figures."""

    row: Row
    detail: Detail


class System(Protocol):
    """Something that sends bookings at an instant."""

    @property
    def name(self) -> str:
        """As in the results."""
        ...

    async def measure(self, ground: Ground, plan: Plan) -> Measured:
        """One run, alone on the machine."""
        ...
