"""Looking at a fee without charging anything anew."""

from uuid import UUID

from domain.contracts import ChargeResult
from domain.frozen import Frozen


class FeeLookOrder(Frozen):
    """Find out what became of a payment that waits for the parent's approval."""

    registration_id: UUID
    withdraw: bool = False
    """End it, so that it can be approved no more; one approved meanwhile is paid."""


class FeeLook(Frozen):
    """What was found."""

    charge: ChargeResult | None = None
    """None where nothing waits, or it waits still."""
