"""The registration's row: each transition one transaction, repeatable by its operation key."""

from temporalio import activity

from activities.clock import Clock
from activities.failures import as_failure
from activities.lane_watch import LaneWatch
from activities.outcome_counts import UNCOUNTED, OutcomeCounts
from activities.rescheduling import Rescheduling
from domain.contracts import (
    CancelOrder,
    ChangeAnswer,
    Claim,
    ClaimOrder,
    FeeOrder,
    OutcomeOrder,
    ReleaseOrder,
    RescheduleOrder,
    RevokeOrder,
    Standing,
)
from domain.erasures import DELETION_ASKED
from domain.errors import Conflict, OutsideError, RecordRejected
from domain.refusals import Reason
from domain.states import RegistrationStatus
from gateways import Mandates, Records


class Transitions:
    """The writes that move a registration from one state to the next."""

    def __init__(
        self,
        records: Records,
        watch: LaneWatch,
        mandates: Mandates,
        clock: Clock,
        counts: OutcomeCounts = UNCOUNTED,
    ) -> None:
        self._records = records
        self._watch = watch
        self._counts = counts
        self._rescheduling = Rescheduling(records, mandates, clock)

    @activity.defn(name="claim_registration")
    async def claim_registration(self, order: ClaimOrder) -> Claim:
        """Pending -> executing, with the instant at which to send; it is watched until then."""
        try:
            claim = await self._records.claim(order)
        except OutsideError as error:
            raise as_failure(error) from error
        self._watch.until(claim.send_at)
        return claim

    @activity.defn(name="ask_release")
    async def ask_release(self, order: ReleaseOrder) -> None:
        """Tell the process that armed it, whichever that is."""
        try:
            await self._records.ask_release(order.registration_id)
        except OutsideError as error:
            raise as_failure(error) from error

    @activity.defn(name="reschedule_registration")
    async def reschedule_registration(self, order: RescheduleOrder) -> ChangeAnswer:
        """Move the opening, or say why not: mostly that it is too late."""
        try:
            return await self._rescheduling.moved(order)
        except Conflict:
            return _too_late()
        except RecordRejected as rejected:
            if rejected.code == DELETION_ASKED.code:
                return ChangeAnswer(reasons=(DELETION_ASKED,))
            raise as_failure(rejected) from rejected
        except OutsideError as error:
            raise as_failure(error) from error

    @activity.defn(name="cancel_registration")
    async def cancel_registration(self, order: CancelOrder) -> ChangeAnswer:
        """Cancel what was not sent, or say that it is too late."""
        try:
            standing = await self._records.cancel(order)
        except Conflict:
            return _too_late()
        except OutsideError as error:
            raise as_failure(error) from error
        self._counts.end(standing)
        return ChangeAnswer(standing=standing)

    @activity.defn(name="revoke_mandate")
    async def revoke_mandate(self, order: RevokeOrder) -> ChangeAnswer:
        """Withdraw the permission of what was not sent, or say that it is too late."""
        try:
            await self._records.revoke_mandate(order.registration_id, order.operation_key)
        except Conflict:
            return _too_late()
        except OutsideError as error:
            raise as_failure(error) from error
        return ChangeAnswer()

    @activity.defn(name="record_outcome")
    async def record_outcome(self, order: OutcomeOrder) -> Standing:
        """Status, receipt, audit event and outbox row, together."""
        try:
            standing = await self._records.record_outcome(order)
        except OutsideError as error:
            raise as_failure(error) from error
        if standing.status is RegistrationStatus.NEEDS_REVIEW:
            self._counts.review(order.cause)
        self._counts.end(standing, order.failure_code)
        if order.charge is not None:
            self._counts.fee(standing.fee_status)
        return standing

    @activity.defn(name="settle_fee")
    async def settle_fee(self, order: FeeOrder) -> Standing:
        """The result of a fee tried again, on the row and on the receipt."""
        try:
            standing = await self._records.settle_fee(order)
        except OutsideError as error:
            raise as_failure(error) from error
        self._counts.fee(standing.fee_status)
        return standing


def _too_late() -> ChangeAnswer:
    return ChangeAnswer(
        reasons=(
            Reason(
                code="too_late",
                sentence="It is too late to change this: the booking may have been sent. "
                "The outcome follows.",
            ),
        )
    )
