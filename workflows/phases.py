"""What a registration's run says that it is doing, once nothing more is booked."""

from domain.contracts import Standing
from domain.states import FeeStatus, RegistrationStatus

_ENDED = {
    RegistrationStatus.FAILED: "Ended without a booking",
    RegistrationStatus.NEEDS_REVIEW: "A person must look: nobody can tell whether it was booked",
    RegistrationStatus.CANCELLED: "Cancelled",
}
_BOOKED = {
    FeeStatus.DUE: "Booked, receipt written; the fee is due: waits for another card",
    FeeStatus.REQUIRES_ACTION: "Booked, receipt written; the fee waits for the parent's approval",
}
BOOKED = "Booked, receipt written"
BEING_CANCELLED = "Booked; its cancellation has taken over"


def phase_after(standing: Standing, *, undecided: bool = False) -> str:
    """The phase of a registration that was booked, or has ended without.

    Args:
        standing: where the row stands.
        undecided: whether it is not known yet if the fee was charged.
    """
    if standing.status is not RegistrationStatus.COMPLETED:
        return _ENDED.get(standing.status, standing.status.value)
    if undecided and standing.fee_status is FeeStatus.DUE:
        return "Booked, receipt written; finding out whether the fee was charged"
    return _BOOKED.get(standing.fee_status, BOOKED)
