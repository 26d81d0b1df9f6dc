"""What follows from where the row stands, when its workflow has nothing to add."""

from domain.contracts import ConfirmRequest
from domain.refusals import Reason, refuse
from domain.registrations import Registration
from domain.states import RegistrationStatus


def ended(row: Registration) -> Reason:
    """Why the registration can no longer be changed here."""
    if row.status is RegistrationStatus.DRAFT:
        return Reason(
            code="still_a_draft",
            sentence="This is only a draft. It must be confirmed first.",
        )
    if row.status is RegistrationStatus.PENDING:
        return Reason(
            code="no_run",
            sentence="Nothing is waiting to act on this registration. Confirm it again: that "
            "starts it anew, then change it.",
        )
    return Reason(
        code=f"already_{row.status.value}",
        sentence=f"This registration is {row.status.value} and can no longer be changed here.",
    )


def already_confirmed(row: Registration, request: ConfirmRequest) -> None:
    """Whether a repeated confirm is the one that the row has.

    Raises:
        Refused: `not_a_draft`, it was never confirmed with these words and this fee.
    """
    same = (
        row.summary_digest == request.summary_digest
        and row.success_fee_cents == request.accepted_fee_cents
    )
    if not same or row.confirmed_at is None:
        raise refuse(
            "not_a_draft", f"This registration is {row.status.value}; only a draft is confirmed."
        )
