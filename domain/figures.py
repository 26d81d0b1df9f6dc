"""How much of everything is open at one moment, as an operator watches it."""

from datetime import timedelta

from pydantic import NonNegativeInt

from domain.frozen import Frozen, Instant
from domain.states import FeeStatus, RegistrationStatus

LIVE = (
    RegistrationStatus.PENDING,
    RegistrationStatus.EXECUTING,
    RegistrationStatus.NEEDS_REVIEW,
)
"""States that something, or somebody, is expected to end."""

OPEN_FEES = (FeeStatus.DUE, FeeStatus.REQUIRES_ACTION)

SOON = timedelta(minutes=15)
"""An opening nearer than this is soon."""

OVERDUE_AFTER = timedelta(minutes=5)
"""Past its opening: the opening grace is over, so it should have ended."""


class ServiceFigures(Frozen):
    """Counts of one moment; a state or fee that nothing is in may be missing."""

    at: Instant
    """By the database's clock."""
    registrations: dict[RegistrationStatus, NonNegativeInt]
    """Those of LIVE."""
    fees_open: dict[FeeStatus, NonNegativeInt]
    """Those of OPEN_FEES."""
    opening_soon: NonNegativeInt
    """Under way, and their opening lies within SOON."""
    overdue: NonNegativeInt
    """Under way, and OVERDUE_AFTER past their opening."""
    alerts_open: NonNegativeInt
    letters_waiting: NonNegativeInt
    """Neither sent nor given up."""
