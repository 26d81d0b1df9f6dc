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
    from workflows import steps

DUE = (FeeStatus.DUE, FeeStatus.REQUIRES_ACTION)
DEFINITE_NO = (ChargeStatus.DECLINED, ChargeStatus.REQUIRES_ACTION)

STILL_DUE = Reason(
    code="fee_still_due",
    sentence="The fee could not be charged. Save another card, then try again.",
)


class Fee:
    """One registration's fee.

    The number of a charge is raised only after a definite decline: any other repeat must send
    the same key again.
    """

    def __init__(self, registration_id: UUID, settlement: timedelta) -> None:
        self._id = registration_id
        self._settlement = settlement
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
            return ChargeResult(fee_status=FeeStatus.DUE)
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
        """While the fee is due, try again whenever the parent asks; then leave it as it is."""
        while self.due(standing) and self._booking is not None:
            try:
                await workflow.wait_condition(
                    lambda: self._asked > self._answered,
                    timeout=self._settlement,
                    timeout_summary="Wait for another card",
                )
            except TimeoutError:
                break
            result = await self.charge(self._booking, self._fence)
            standing = await steps.settle_fee(
                FeeOrder(
                    registration_id=self._id,
                    expected_version=standing.version,
                    operation_key=operation_key(self._id, "fee", self._tries),
                    charge=result,
                )
            )
            moved_on(standing)
            self._answer = ChangeAnswer(
                standing=standing, reasons=(STILL_DUE,) if self.due(standing) else ()
            )
            self._answered += 1
        if self._asked > self._answered:
            self._answer = ChangeAnswer(standing=standing)
            self._answered = self._asked
