"""The whole database in memory: for tests that skip time, and for trying things out."""

from gateways.fakes.records.attempts import Attempts
from gateways.fakes.records.audit import Audit
from gateways.fakes.records.backups import Backups
from gateways.fakes.records.cancellations import Cancellations
from gateways.fakes.records.erasures import Erasures
from gateways.fakes.records.fields import KeptFields
from gateways.fakes.records.figures import Figures
from gateways.fakes.records.health import Health
from gateways.fakes.records.leases import Leases
from gateways.fakes.records.operators import Operators
from gateways.fakes.records.programs import Programs
from gateways.fakes.records.recoveries import Recoveries
from gateways.fakes.records.reminders import Reminders
from gateways.fakes.records.reviews import Reviews
from gateways.fakes.records.service import Service
from gateways.fakes.records.sweeps import Sweeps
from gateways.fakes.records.transitions import Transitions
from gateways.fakes.records.wishes import Wishes

__all__ = ["InMemoryRecords"]


class InMemoryRecords(
    Recoveries,
    Programs,
    Transitions,
    Service,
    Attempts,
    Leases,
    Reviews,
    Cancellations,
    Audit,
    Reminders,
    Erasures,
    Sweeps,
    Wishes,
    Health,
    Figures,
    KeptFields,
    Backups,
    Operators,
):
    """The Protocol `gateways.protocols.records.Records`, obeyed like the real database does.

    `InMemoryRecords(now)` takes the database's clock, by default the machine's. For one event
    loop; nothing is shared between two of them.
    """

    async def ping(self) -> None:
        """Answer."""

    async def aclose(self) -> None:
        """Nothing to give back."""
