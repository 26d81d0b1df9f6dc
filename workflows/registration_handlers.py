"""What may be asked of a running registration: its updates with their validators, its query."""

from temporalio import workflow
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from domain.contracts import (
        ChangeAnswer,
        ConfirmAnswer,
        ConfirmRequest,
        RegistrationOrder,
        RegistrationView,
        RescheduleRequest,
        Standing,
    )
    from domain.refusals import Reason
    from domain.review import ReviewRequest
    from domain.states import RegistrationStatus
    from workflows.change_requests import ChangeRequest, ChangeRequests, why_too_late
    from workflows.confirming import Confirming
    from workflows.fee import Fee
    from workflows.review import NOT_IN_REVIEW, Review


class RegistrationHandlers:
    """The handlers, and what they share with the run that answers them."""

    def __init__(self, order: RegistrationOrder) -> None:
        self._id = order.registration_id
        self._timing = order.timing
        self._phase = "Waiting for the parent's confirmation"
        self._row: Standing | None = None
        self._problems: tuple[Reason, ...] = ()
        self._confirming = Confirming()
        self._changes = ChangeRequests(self._id)
        self._fee = Fee(self._id, self._timing)
        self._review = Review(self._id, self._fee, self._timing.settlement)

    @workflow.update(name="confirm")
    async def confirm(self, request: ConfirmRequest) -> ConfirmAnswer:
        """Confirm the draft. Every further confirm of the same words gets the first answer."""
        return await self._confirming.ask(request)

    @confirm.validator
    def _confirm_names_this_registration(self, request: ConfirmRequest) -> None:
        if request.registration_id != self._id:
            raise ApplicationError("This confirm is for another registration.", type="mismatch")

    @workflow.update(name="cancel")
    async def cancel(self) -> ChangeAnswer:
        """Cancel before the point of no return."""
        return await self._changes.ask(ChangeRequest())

    @cancel.validator
    def _cancel_in_time(self) -> None:
        self._refuse_when_too_late()

    @workflow.update(name="reschedule")
    async def reschedule(self, request: RescheduleRequest) -> ChangeAnswer:
        """Move the opening before the point of no return."""
        return await self._changes.ask(ChangeRequest(move=request))

    @reschedule.validator
    def _reschedule_in_time(self, request: RescheduleRequest) -> None:
        self._refuse_when_too_late()
        if request.scheduled_time <= workflow.now():
            raise ApplicationError("The new opening time has already passed.", type="past_time")

    @workflow.update(name="revoke_mandate")
    async def revoke_mandate(self) -> ChangeAnswer:
        """Withdraw the permission before the point of no return.

        What is armed is taken back first, then armed again: it finds nothing permitted, and ends.
        """
        return await self._changes.ask(ChangeRequest(revoke=True))

    @revoke_mandate.validator
    def _revoke_in_time(self) -> None:
        self._refuse_when_too_late()

    @workflow.update(name="retry_fee")
    async def retry_fee(self) -> ChangeAnswer:
        """Charge the due fee again, to the card saved now."""
        return await self._fee.ask_again()

    @retry_fee.validator
    def _fee_is_due(self) -> None:
        # What is just being charged may turn out due: then this waits and tries again.
        charging = self._row is not None and self._row.status is RegistrationStatus.EXECUTING
        if not charging and (self._row is None or not self._fee.due(self._row)):
            raise ApplicationError("No fee is due on this registration.", type="no_fee_due")

    @workflow.update(name="resolve_review")
    async def resolve_review(self, request: ReviewRequest) -> ChangeAnswer:
        """A person's decision of what nobody could tell."""
        return await self._review.ask(request)

    @resolve_review.validator
    def _in_review(self, request: ReviewRequest) -> None:
        if request.registration_id != self._id:
            raise ApplicationError("This decision is for another registration.", type="mismatch")
        if not self._review.open:
            raise ApplicationError(NOT_IN_REVIEW.sentence, type=NOT_IN_REVIEW.code)

    @workflow.query(name="status")
    def status(self) -> RegistrationView:
        """Where it stands, with the head of the audit chain that verification compares."""
        return RegistrationView(
            registration_id=self._id,
            phase=self._phase,
            standing=self._row,
            problems=self._problems,
        )

    def _refuse_when_too_late(self) -> None:
        reason = why_too_late(self._row, self._timing)
        if reason is not None:
            raise ApplicationError(reason.sentence, type=reason.code)
