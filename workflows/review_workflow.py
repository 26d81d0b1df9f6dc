"""A review that is decided after the registration's own run has ended."""

import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from domain.contracts import BookingResult, ChangeAnswer, Standing
    from domain.review import ReviewOrder, ReviewRequest
    from workflows import display
    from workflows.fee import Fee
    from workflows.phases import phase_after
    from workflows.review import Review
    from workflows.teller import Teller

LISTENS = timedelta(minutes=10)
"""After a decision that was refused, for the next one; then the run ends and changes nothing."""


@workflow.defn(name="review")
class ReviewWorkflow:
    """Takes one decision, then settles its fee: until it ends, the row's only writer."""

    @workflow.init
    def __init__(self, order: ReviewOrder) -> None:
        self._id = order.registration_id
        self._row: Standing | None = None
        self._booking: BookingResult | None = None
        self._fee = Fee(self._id, order.timing)
        self._review = Review(self._id, self._fee, LISTENS)
        self._teller = Teller(self._id)

    @workflow.run
    async def run(self, _order: ReviewOrder) -> Standing | None:
        """Where the row stands afterwards; None when no decision was taken.

        A cancelled run is not cut short: a charge under way must be found out and written.
        """
        living = asyncio.create_task(self._live())
        while True:
            try:
                return await asyncio.shield(living)
            except asyncio.CancelledError:
                if living.cancelled():
                    raise

    async def _live(self) -> Standing | None:
        display.show("Waiting for a person's decision", None)
        telling = asyncio.create_task(self._teller.run())
        await self._review.until_decided(self._moved_on)
        if self._row is not None:
            await self._fee.until_settled(self._row, self._moved_on)
        else:
            self._fee.end_unsettled()
            display.show("Ended without a decision that holds", None)
        await self._teller.finish(telling)
        await workflow.wait_condition(workflow.all_handlers_finished)
        return self._row

    @workflow.update(name="resolve_review")
    async def resolve_review(self, request: ReviewRequest) -> ChangeAnswer:
        """A person's decision of what nobody could tell."""
        return await self._review.ask(request)

    @resolve_review.validator
    def _names_this_registration(self, request: ReviewRequest) -> None:
        if request.registration_id != self._id:
            raise ApplicationError("This decision is for another registration.", type="mismatch")

    @workflow.update(name="retry_fee")
    async def retry_fee(self) -> ChangeAnswer:
        """Charge the due fee again, to the card saved now."""
        return await self._fee.ask_again()

    @retry_fee.validator
    def _fee_is_due(self) -> None:
        if self._row is None or not self._fee.due(self._row):
            raise ApplicationError("No fee is due on this registration.", type="no_fee_due")

    def _moved_on(self, standing: Standing, booking: BookingResult | None = None) -> None:
        self._row = standing
        self._booking = booking or self._booking
        display.index_standing(standing, self._booking)
        phase = phase_after(standing, undecided=self._fee.undecided)
        display.show(phase, standing, booking=self._booking)
        self._teller.nudge()
