"""A booking given back or taken back: provider first, then the fee, then the row."""

from temporalio import workflow
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from domain.cancellation import (
        CancellationAnswer,
        CancellationCheck,
        CancellationOrder,
        CancelledOrder,
        CancelledRow,
        OutstandingOrder,
        RefundOrder,
    )
    from domain.identifiers import operation_key
    from domain.refunds import FeeKept
    from domain.refusals import Reason
    from workflows import cancellation_steps as steps
    from workflows import display, policies
    from workflows.search_attributes import FOUND_BY_REGISTRATION
    from workflows.steps import tell

NOT_CHECKED = Reason(
    code="provider_unavailable",
    sentence="It could not be found out yet whether the place can be given back. Please ask again "
    "in a few minutes. If your wish was taken down, we go on with it, and write to you.",
)
NO_ANSWER_THERE = Reason(
    code="provider_unavailable",
    sentence="The organiser's system does not answer, so it is not known whether the place was "
    "given back. The fee is as it was. We go on trying, and write to you once it is.",
)


@workflow.defn(name="cancellation")
class CancellationWorkflow:
    """One try to cancel one completed registration; the same steps again do nothing more."""

    @workflow.init
    def __init__(self, order: CancellationOrder) -> None:
        self._order = order
        self._answer: CancellationAnswer | None = None
        self._written = False
        self._row: CancelledRow | None = None
        self._indexed = False

    @workflow.run
    async def run(self, _order: CancellationOrder) -> CancellationAnswer:
        """Cancel, answer whoever asked, then tell the parent."""
        self._indexed = workflow.patched(FOUND_BY_REGISTRATION)
        if self._indexed:
            display.index_registration(self._order.registration_id)
        self._answer = answer = await self._cancelled()
        if answer.standing is not None or self._written:
            try:
                await tell(self._order.registration_id)
            except ActivityError:
                workflow.logger.warning("a letter stays in the outbox for its sweep")
        await workflow.wait_condition(workflow.all_handlers_finished)
        return answer

    @workflow.update(name="answer")
    async def answer(self) -> CancellationAnswer:
        """Wait for what came of it."""
        await workflow.wait_condition(lambda: self._answer is not None)
        assert self._answer is not None  # noqa: S101 - the condition says so
        return self._answer

    async def _cancelled(self) -> CancellationAnswer:
        refused = await self._booking_cancelled()
        if refused is not None:
            return CancellationAnswer(standing=refused.done, reasons=refused.reasons)
        self._say("The booking is cancelled; letting the registration's own run end")
        await steps.stand_down(self._order)
        await self._decide_charges()
        kept = await self._fee_given_back()
        standing = await steps.finish(
            CancelledOrder(
                registration_id=self._order.registration_id,
                by=self._order.by,
                kept=kept,
                operation_key=operation_key(self._order.registration_id, "cancelled"),
            )
        )
        self._say(f"Cancelled, fee: {standing.fee_status.value}")
        if self._indexed:
            display.index_standing(standing)
        return CancellationAnswer(standing=standing, kept=kept)

    async def _booking_cancelled(self) -> CancellationCheck | None:
        """None once the provider has it no more; else why it stands, or that all is done."""
        self._say("Cancelling the booking at the organiser")
        for step, unanswered in (
            (steps.check, NOT_CHECKED),
            (steps.cancel_booking, NO_ANSWER_THERE),
        ):
            try:
                found = await step(self._order)
            except ActivityError:
                self._say("There was no answer in time", (unanswered,))
                return CancellationCheck(reasons=(unanswered,))
            self._found(found)
            if found.reasons or found.done is not None:
                words = "It was cancelled before" if found.done else "Nothing was changed"
                self._say(words, found.reasons)
                # Else it ends at once: whoever asks anew must not be given this answer.
                self._written = found.written
                return found
        return None

    def _found(self, found: CancellationCheck) -> None:
        if found.row is None:
            return
        self._row = found.row
        if self._indexed:
            display.index_cancelled(found.row)
            if found.done is not None:
                display.index_standing(found.done)

    async def _decide_charges(self) -> None:
        self._say("Finding out what was charged")
        order = OutstandingOrder(registration_id=self._order.registration_id)
        if not (await steps.settle_outstanding_charge(order)).decided:
            await workflow.sleep(
                policies.CHARGE_COMES_TO_LIGHT, summary="An undecided charge may come to light"
            )
            await steps.settle_outstanding_charge(order.model_copy(update={"last_look": True}))

    async def _fee_given_back(self) -> FeeKept | None:
        self._say("Giving the fee back")
        order = RefundOrder(registration_id=self._order.registration_id)
        try:
            return (await steps.refund_fee(order)).kept
        except ActivityError:
            return FeeKept.REFUND_FAILED

    def _say(self, phase: str, reasons: tuple[Reason, ...] = ()) -> None:
        display.show_cancellation(phase, self._order.by.value, self._row, reasons)
