"""One registration, from the parent's confirm to its last cent: durable, and its row's writer."""

import asyncio
from datetime import datetime

from temporalio import workflow
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from domain.contracts import (
        BookingEnd,
        BookingResult,
        BookOrder,
        RegistrationOrder,
        Standing,
    )
    from domain.looking_ahead import Moment, PreflightReport
    from domain.states import UNDER_WAY, FailureCode, RegistrationStatus
    from workflows import display
    from workflows.armed_booking import ArmedBooking
    from workflows.change_requests import ChangeRequest, ended, why_too_late
    from workflows.claiming import claimed
    from workflows.concluding import conclude, outcome_order
    from workflows.looking import Looking
    from workflows.phases import BEING_CANCELLED, phase_after
    from workflows.registration_handlers import RegistrationHandlers
    from workflows.review import WAITS_FOR_REVIEW
    from workflows.sleeping import Sleeping
    from workflows.teller import Teller
    from workflows.wake import next_wake

ON_THE_INSTANT = "on-the-instant"
"""The patch since which those of one instant are armed in turn, and rows written locally. Asked for
when a run is confirmed, because the answer is a write at the server, and none to spare later: a run
that slept before keeps its old steps."""

MISSED = "We were not able to act within an hour of the opening. Nothing was booked."


@workflow.defn(name="registration")
class RegistrationWorkflow(RegistrationHandlers):
    """Sleeps until shortly before the opening, books at the instant, charges, and tells."""

    @workflow.init
    def __init__(self, order: RegistrationOrder) -> None:
        super().__init__(order)
        self._on_the_instant = False
        self._code = ""
        self._booking: BookingResult | None = None
        self._teller = Teller(self._id)
        self._looking = Looking(self._id)
        self._sleeping = Sleeping(self._id, self._timing, self._changes)

    @workflow.run
    async def run(self, _order: RegistrationOrder) -> Standing:
        """The registration's life, which a cancelled run does not cut short.

        Cancelling the run from outside asks for what the parent's cancel asks for: what may
        have been sent is still found out, charged and written down.
        """
        living = asyncio.create_task(self._live())
        while True:
            try:
                return await asyncio.shield(living)
            except asyncio.CancelledError:
                if self._row is None or living.cancelled():
                    living.cancel()
                    raise
                if why_too_late(self._row, self._timing) is None:
                    self._changes.waiting.append(ChangeRequest())

    async def _live(self) -> Standing:
        await self._until_confirmed()
        telling = asyncio.create_task(self._teller.run())
        while self._standing.status in UNDER_WAY:
            if not await self._slept_until_the_lead():
                continue
            report = await self._look_once_more()
            await self._await_turn(report)
            unclaimed = self._standing.status is RegistrationStatus.PENDING
            if unclaimed and self._changes.waiting:
                await self._change()
            elif unclaimed and report.final is not None:
                await self._conclude(_untried(report.final, report))
            elif (booking := await self._book(report)) is not None:
                await self._conclude(booking)
        self._changes.refuse_all(ended(self._standing))
        await self._await_decision()
        await self._fee.until_settled(self._standing, self._fee_moved_on)
        if self._fee.standing_down:
            self._say(BEING_CANCELLED)
        await self._teller.finish(telling)
        await workflow.wait_condition(workflow.all_handlers_finished)
        return self._standing

    @property
    def _standing(self) -> Standing:
        if self._row is None:
            raise ApplicationError("not confirmed", type="not_confirmed", non_retryable=True)
        return self._row

    async def _until_confirmed(self) -> None:
        answer = await self._confirming.decided()
        if answer.standing is None:
            # A refused confirm must not leave a run behind: the next one starts afresh.
            raise ApplicationError("the confirm was refused", type="refused", non_retryable=True)
        self._row = answer.standing
        self._on_the_instant = workflow.patched(ON_THE_INSTANT)
        self._code = answer.code
        display.index_confirmed(answer.standing, answer.provider, answer.org_ref)
        self._teller.nudge()

    async def _slept_until_the_lead(self) -> bool:
        """Sleep to the next wake. True in the lead; False when anything else was done."""
        if self._standing.status is RegistrationStatus.EXECUTING:
            return True
        opening = self._standing.scheduled_time
        wake = next_wake(self._id, opening, self._timing, workflow.now())
        self._say("Sleeping until the opening" if not wake.lead else "Waking for the opening")
        if not await self._sleeping.until(wake.at, wake.words):
            await self._change()
        elif wake.lead:
            return True
        else:
            await self._look_ahead(wake.at)
        return False

    async def _look_ahead(self, due: datetime) -> None:
        report = await self._looking.look(Moment.AHEAD, due)
        self._problems = report.problems
        if report.problems:
            self._teller.nudge()

    async def _look_once_more(self) -> PreflightReport:
        missed = workflow.now() > self._standing.scheduled_time + self._timing.late_deadline
        if missed:
            return PreflightReport(final=FailureCode.MISSED_WINDOW)
        self._say("Looking once more before the opening")
        report = await self._looking.look(Moment.LEAD, self._standing.scheduled_time)
        self._problems = report.problems
        return report

    async def _await_turn(self, report: PreflightReport) -> None:
        """Sleep until it is armed; a change, or a reason not to book, ends the wait."""
        row, sharing = self._standing, report.sharing_instant
        unclaimed = row.status is RegistrationStatus.PENDING
        if not unclaimed or report.final is not None or not self._on_the_instant:
            return
        turn = self._sleeping.turn_to_come(row.scheduled_time, sharing)
        if turn is not None:
            self._say("Waiting for its turn to be armed")
            await self._sleeping.until(turn, f"Turn to be armed: {sharing} share the instant")

    async def _book(self, report: PreflightReport) -> BookingResult | None:
        """Claim and arm; None when it was released for a change before anything was sent."""
        claim = await claimed(self._id, self._standing, locally=self._on_the_instant)
        if claim.standing != self._standing:
            self._row = claim.standing
            display.index_standing(claim.standing)
        self._say(display.armed(claim))
        order = BookOrder(
            registration_id=self._id,
            send_at=claim.send_at,
            people=report.people,
            timing=self._timing,
            rank=claim.rank,
            sharing=claim.sharing,
            pause_reckoned=claim.pause_reckoned,
            price=report.price,
        )
        return await ArmedBooking(order, self._changes).result(
            self._standing.scheduled_time, self._change
        )

    async def _conclude(self, booking: BookingResult) -> None:
        """Charge, then write the end, whatever it is."""
        charge = None
        if booking.booking is not None:
            self._booking = booking
            self._say("Booked; charging the success fee")
            charge = await self._fee.charge(booking.booking, booking.fence)
        order = outcome_order(self._id, self._standing.version, booking, charge)
        standing = await conclude(order, locally=self._on_the_instant)
        self._moved_on(standing, booking)
        self._say_what_follows()

    async def _await_decision(self) -> None:
        """Where nobody could tell, a person decides; after the settlement time it stays so."""
        unclear = self._standing.status is RegistrationStatus.NEEDS_REVIEW
        if unclear and workflow.patched(WAITS_FOR_REVIEW):
            await self._review.until_decided(self._moved_on)
            self._say_what_follows()

    async def _change(self) -> Standing:
        """Do the first change that waits; where the row stands then."""
        before = self._standing
        standing = await self._changes.carry_out_first(before)
        if standing != before:
            self._moved_on(standing)
            cancelled = standing.status is RegistrationStatus.CANCELLED
            self._say("Cancelled" if cancelled else "Moved to another opening time")
        return standing

    def _moved_on(self, standing: Standing, booking: BookingResult | None = None) -> None:
        self._row = standing
        self._booking = booking or self._booking
        display.index_standing(standing, self._booking)
        self._teller.nudge()

    def _fee_moved_on(self, standing: Standing) -> None:
        self._moved_on(standing)
        self._say_what_follows()

    def _say_what_follows(self) -> None:
        self._say(phase_after(self._standing, undecided=self._fee.undecided))

    def _say(self, phase: str) -> None:
        self._phase = phase
        display.show(phase, self._row, self._problems, self._booking, self._code)


def _untried(code: FailureCode, report: PreflightReport) -> BookingResult:
    message = report.problems[0].sentence if report.problems else MISSED
    return BookingResult(end=BookingEnd.REFUSED, fence=0, failure_code=code, message=message)
