"""The success fee of one booking: charged, and asked for again while it is due."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from temporalio import workflow
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from domain.contracts import (
        BookingFacts,
        ChangeAnswer,
        ChargeOrder,
        ChargeResult,
        FeeOrder,
        Standing,
    )
    from domain.identifiers import operation_key
    from domain.payments import ChargeStatus
    from domain.refusals import Reason
    from domain.states import FeeStatus, RegistrationStatus
    from domain.timing import Timing
    from workflows import policies, steps

DUE = (FeeStatus.DUE, FeeStatus.REQUIRES_ACTION)
DEFINITE_NO = (ChargeStatus.DECLINED, ChargeStatus.REQUIRES_ACTION)

STILL_DUE = Reason(
    code="fee_still_due",
    sentence="The fee could not be charged. Save another card, then try again.",
)


NOT_BOOKED = Reason(code="no_fee_due", sentence="Nothing was booked, so no fee is due.")


class Fee:
    """One registration's fee.

    The number of a charge is raised only after a definite decline: any other repeat must send
    the same key again.
    """

    def __init__(self, registration_id: UUID, timing: Timing) -> None:
        self._id = registration_id
        self._settlement = timing.settlement
        self._undecided = False
        self._number = 1
        self._tries = 0
        self._booking: BookingFacts | None = None
        self._fence = 0
        self._asked = 0
        self._answered = 0
        self._answer = ChangeAnswer()

    def due(self, standing: Standing) -> bool:
        """Whether a booking stands whose fee is not paid."""
        return standing.status is RegistrationStatus.COMPLETED and standing.fee_status in DUE

    async def charge(self, booking: BookingFacts, fence: int) -> ChargeResult:
        """Charge for a booking that stands. A failure leaves the fee due, never undone."""
        self._booking, self._fence = booking, fence
        self._tries += 1
        order = ChargeOrder(
            registration_id=self._id,
            number=self._number,
            booking=booking,
            fence=fence,
            operation_key=operation_key(self._id, "charge", self._tries),
        )
        try:
            result = await steps.charge(order)
        except ActivityError:
            result = ChargeResult(fee_status=FeeStatus.DUE, undecided=True)
        self._undecided = result.undecided
        if result.outcome is not None and result.outcome.status in DEFINITE_NO:
            self._number += 1
        return result

    async def ask_again(self) -> ChangeAnswer:
        """Wait for the answer to one more try; twins share one."""
        turn = self._answered + 1
        self._asked = turn
        await workflow.wait_condition(lambda: self._answered >= turn)
        return self._answer

    async def until_settled(self, standing: Standing, moved_on: Callable[[Standing], None]) -> None:
        """While the fee is due, try again: at once when the parent asks, later when undecided.

        After the settlement time the fee is left as it is; the booking stands.
        """
        until = workflow.now() + self._settlement
        pause = policies.UNDECIDED_CHARGE_PAUSE
        while self.due(standing) and self._booking is not None:
            left = until - workflow.now()
            asked = await self._asked_within(min(pause, left) if self._undecided else left)
            if not asked and (not self._undecided or left <= pause):
                break
            pause = min(pause * 2, policies.LONGEST_CHARGE_PAUSE)
            standing = await self._once_more(self._booking, standing, moved_on)
        self._answer_all(standing)

    async def _asked_within(self, wait: timedelta) -> bool:
        try:
            await workflow.wait_condition(
                lambda: self._asked > self._answered,
                timeout=max(wait, timedelta()),
                timeout_summary="Repeat the charge" if self._undecided else "Wait for a card",
            )
        except TimeoutError:
            return False
        return True

    async def _once_more(
        self, booking: BookingFacts, standing: Standing, moved_on: Callable[[Standing], None]
    ) -> Standing:
        result = await self.charge(booking, self._fence)
        if result.outcome is not None or not result.undecided:
            standing = await steps.settle_fee(
                FeeOrder(
                    registration_id=self._id,
                    expected_version=standing.version,
                    operation_key=operation_key(self._id, "fee", standing.version),
                    charge=result,
                )
            )
            moved_on(standing)
        self._answer_all(standing)
        return standing

    def _answer_all(self, standing: Standing) -> None:
        reasons: tuple[Reason, ...] = ()
        if self.due(standing):
            reasons = (STILL_DUE,)
        elif standing.status is not RegistrationStatus.COMPLETED:
            reasons = (NOT_BOOKED,)
        self._answer = ChangeAnswer(standing=standing, reasons=reasons)
        self._answered = max(self._answered, self._asked)
