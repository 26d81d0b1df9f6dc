"""What a look ahead is asked, and what it finds."""

from enum import StrEnum
from uuid import UUID

from domain.booking import ProviderPeople
from domain.frozen import Frozen
from domain.money import Money
from domain.refusals import Reason
from domain.states import FailureCode


class Moment(StrEnum):
    """When a preflight looks ahead."""

    AHEAD = "ahead"
    LEAD = "lead"


class PreflightOrder(Frozen):
    """Look whether the booking would go through."""

    registration_id: UUID
    moment: Moment
    operation_key: str


class PreflightReport(Frozen):
    """What would stop the booking. Empty when nothing would."""

    problems: tuple[Reason, ...] = ()
    final: FailureCode | None = None
    """Set in the lead when the booking must not be tried."""
    people: ProviderPeople | None = None
    """The provider's own ids of the family, resolved before the opening second."""
    sharing_instant: int = 1
    """How many registrations open at the same instant, of every account."""
    price: Money | None = None
    """What the provider asks for it now; None where it could not be asked."""
