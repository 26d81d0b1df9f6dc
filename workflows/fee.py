"""The success fee of one booking: charged, and asked for again while it is due."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError

with workflow.unsafe.imports_passed_through():
    from domain.contracts import (
        BookingFacts,
        ChangeAnswer,
        ChargeOrder,
        ChargeResult,
        FeeOrder,
        Standing,
    )
    from domain.fee import FeeLookOrder
    from domain.identifiers import operation_key
    from domain.payments import ChargeStatus
    from domain.refusals import Reason
    from domain.states import FeeStatus, RegistrationStatus
    from domain.timing import Timing
    from workflows import policies, steps
    from workflows.fee_wishes import Turns

DUE = (FeeStatus.DUE, FeeStatus.REQUIRES_ACTION)
DEFINITE_NO = (ChargeStatus.DECLINED, ChargeStatus.REQUIRES_ACTION)

WITHDRAW_AT_LAST = "withdraw-at-last"
"""The patch since which a charge that still waits for the parent is withdrawn when the run ends."""

WRITES_WHAT_WAITS = "writes-what-waits"
"""The patch since which an earlier charge that waits is written down where the row does not say so:
its answer was had before, and the database did not take it."""

CHARGES_WHAT_WAS_SAVED = "charges-what-was-saved"
"""The patch since which a parent who asks while a charge is undecided gets one with the card they
have now, where the undecided one turns out to be declined: its card was that of before."""

STILL_DUE = Reason(
    code="fee_still_due",
    sentence="The fee could not be charged. Save another card, then try again.",
)


NOT_BOOKED = Reason(code="no_fee_due", sentence="Nothing was booked, so no fee is due.")

BEING_CANCELLED = Reason(
    code="being_cancelled",
    sentence="This booking is being cancelled, so no fee is charged for it any more.",
)

MovedOn = Callable[[Standing], None]


class Fee:
    """One registration's fee. Made where the run is made, because it takes updates of its own.

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
        self._charges, self._looks = Turns(), Turns()
        self._answer = ChangeAnswer()
        self._standing_down = False
        self._left: Standing | None = None
        self._over = False
        take_update = cast("Callable[..., None]", cast("Any", workflow).set_update_handler)
        take_update("look_at_fee", self._look_at_fee, validator=self._refuse_unless_charged)
        take_update("stand_down", self._stand_down)

    @property
    def standing_down(self) -> bool:
        """Whether this run was asked to leave the row to somebody else."""
        return self._standing_down

    @property
    def undecided(self) -> bool:
        """Whether the last charge may have been made, and its answer is not known."""
        return self._undecided

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
            # It may be about the charge before, which still waits for the parent.
            self._number = max(self._number, result.outcome.number + 1)
        return result

    async def ask_again(self) -> ChangeAnswer:
        """Wait for the answer to one more try; twins share one."""
        if self._left is None:
            await self._charges.ask()
        return self._answer

    async def _look_at_fee(self) -> ChangeAnswer:
        """Find out what became of a charge that is undecided or waits for the parent."""
        if self._left is None:
            await self._looks.ask()
        return self._answer

    def _refuse_unless_charged(self) -> None:
        if self._booking is None:
            raise ApplicationError("No fee was charged in this run.", type="no_fee_due")

    async def _stand_down(self) -> ChangeAnswer:
        """End the waiting for the fee once nothing is in flight: somebody else takes over."""
        self._standing_down = True
        await workflow.wait_condition(lambda: self._left is not None or self._over)
        return ChangeAnswer(standing=self._left)

    def end_unsettled(self) -> None:
        """The run ends without having written the row: nobody need wait until it has."""
        self._over = True

    async def until_settled(self, standing: Standing, moved_on: MovedOn) -> None:
        """While the fee is due, try again: at once when the parent asks, later when undecided.

        After the settlement time the fee is left as it is; the booking stands.
        """
        until = workflow.now() + self._settlement
        pause, never_made = policies.UNDECIDED_CHARGE_PAUSE, False
        while self.due(standing) and self._booking is not None and not self._standing_down:
            left = until - workflow.now()
            wait = policies.NEXT_CHARGE_PAUSE if never_made else pause
            asked = await self._asked_within(min(wait, left) if self._undecided else left)
            if self._standing_down or (not asked and (not self._undecided or left <= wait)):
                break
            pause = min(pause * 2, policies.LONGEST_CHARGE_PAUSE)
            if self._undecided or self._charges.wanted:
                standing, never_made = await self._once_more(self._booking, standing, moved_on)
            else:
                standing = await self._look(standing, moved_on)
        if standing.fee_status is FeeStatus.REQUIRES_ACTION and not self._standing_down:
            standing = await self._withdrawn_at_last(standing, moved_on)
        self._left = standing
        self._said(standing, self._charges, self._looks)

    async def _asked_within(self, wait: timedelta) -> bool:
        try:
            await workflow.wait_condition(
                lambda: self._charges.wanted or self._looks.wanted or self._standing_down,
                timeout=max(wait, timedelta()),
                timeout_summary="Repeat the charge" if self._undecided else "Wait for a card",
            )
        except TimeoutError:
            return False
        return True

    async def _once_more(
        self, booking: BookingFacts, standing: Standing, moved_on: MovedOn
    ) -> tuple[Standing, bool]:
        """Where it stands then, and whether the charge turned out never made."""
        number, was_undecided = self._number, self._undecided
        result = await self.charge(booking, self._fence)
        outcome = result.outcome
        waits_still = (
            outcome is not None
            and outcome.number < number
            and outcome.status is ChargeStatus.REQUIRES_ACTION
            and (
                standing.fee_status is FeeStatus.REQUIRES_ACTION
                or not workflow.patched(WRITES_WHAT_WAITS)
            )
        )
        if (outcome is not None or not result.undecided) and not waits_still:
            standing = await self._settle(result, standing, moved_on)
        another = (
            was_undecided
            and self._charges.wanted
            and outcome is not None
            and outcome.status is ChargeStatus.DECLINED
            and not result.undecided
            and self.due(standing)
            and workflow.patched(CHARGES_WHAT_WAS_SAVED)
        )
        # Whatever a look would find, the charge has found.
        self._said(standing, self._looks, *(() if another else (self._charges,)))
        return standing, outcome is not None and result.undecided

    async def _look(
        self, standing: Standing, moved_on: MovedOn, *, withdraw: bool = False
    ) -> Standing:
        if standing.fee_status is FeeStatus.REQUIRES_ACTION:
            try:
                found = await steps.look_at_fee(
                    FeeLookOrder(registration_id=self._id, withdraw=withdraw)
                )
            except ActivityError:
                workflow.logger.warning("what became of the charge could not be found out")
            else:
                if found.charge is not None:
                    standing = await self._settle(found.charge, standing, moved_on)
        self._said(standing, self._looks)
        return standing

    async def _withdrawn_at_last(self, standing: Standing, moved_on: MovedOn) -> Standing:
        """Nobody waits for it any longer, so it must not be approved any more."""
        if not workflow.patched(WITHDRAW_AT_LAST):
            return standing
        return await self._look(standing, moved_on, withdraw=True)

    async def _settle(
        self, result: ChargeResult, standing: Standing, moved_on: MovedOn
    ) -> Standing:
        standing = await steps.settle_fee(
            FeeOrder(
                registration_id=self._id,
                expected_version=standing.version,
                operation_key=operation_key(self._id, "fee", standing.version),
                charge=result,
            )
        )
        moved_on(standing)
        return standing

    def _said(self, standing: Standing, *turns: Turns) -> None:
        reasons: tuple[Reason, ...] = ()
        if standing.status is not RegistrationStatus.COMPLETED:
            reasons = (NOT_BOOKED,)
        elif self._standing_down and self.due(standing):
            reasons = (BEING_CANCELLED,)
        elif standing.fee_status is FeeStatus.DUE:
            reasons = (STILL_DUE,)
        self._answer = ChangeAnswer(standing=standing, reasons=reasons)
        for turn in turns:
            turn.answer()
