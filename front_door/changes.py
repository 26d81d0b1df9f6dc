"""Asking a registration's workflow to act: confirm, move, cancel, try the fee again."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from temporalio.client import Client
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from activities.clock import Clock
from domain.answers import RegistrationAnswer
from domain.cancellation import CancellationOrder, CancelledBy
from domain.consent import opens_too_late
from domain.contracts import (
    CancelOrder,
    ConfirmRequest,
    RescheduleRequest,
)
from domain.errors import Conflict
from domain.identifiers import operation_key
from domain.opening import check_future, opening_instant, zone
from domain.refunds import RefundReason
from domain.refusals import Refused, refuse
from domain.registrations import Agreement, Registration
from domain.states import UNDER_WAY, RegistrationStatus
from domain.timing import Timing
from front_door.agreements import Agreements
from front_door.cancellations import Cancellations
from front_door.registrations import Registrations
from front_door.run_start import RunStart
from front_door.run_updates import CHARGING, OWN, RunOf, RunUpdates
from front_door.standing_answers import already_confirmed
from gateways import Records

ASKED_OF_THE_RUN = (
    RegistrationStatus.DRAFT,
    RegistrationStatus.PENDING,
    RegistrationStatus.EXECUTING,
)

CALLED_OFF = (*UNDER_WAY, RegistrationStatus.NEEDS_REVIEW)
"""Confirmed and without an outcome: its run answers whether it can still be called off."""


class Changes:
    """Whatever changes a registration goes through its workflow, the row's only writer."""

    def __init__(
        self,
        temporal: Client,
        records: Records,
        timing: Timing,
        clock: Clock,
        own: Registrations,
        updates: RunUpdates,
        agreements: Agreements,
    ) -> None:
        self._records = records
        self._timing = timing
        self._clock = clock
        self._own = own
        self._cancellations = Cancellations(temporal)
        self._runs = RunStart(temporal, timing)
        self._updates = updates
        self._agreements = agreements

    async def confirm(
        self, user_id: UUID, registration_id: UUID, digest: str, accepted_fee_cents: int
    ) -> RegistrationAnswer:
        """Confirm the draft: from then on it is booked at the opening.

        The same confirm again, also many at once, gives the same answer.

        Raises:
            Refused: with every reason; the draft stays as it was.
            WorkflowsUnreachable: no answer in time; the same call may be repeated.
        """
        row = await self._own.own_row(user_id, registration_id)
        request = self._agreements.request(registration_id, digest, accepted_fee_cents)
        if row.status not in ASKED_OF_THE_RUN:
            already_confirmed(row, request)
            return self._own.answer(row)
        # A confirmed row is asked for as well: its run answers at once, and if an outage left
        # the row without one, this is what starts it.
        return await self._start(await self._agreements.checked(row, request), request)

    async def start_again(self, registration_id: UUID) -> RegistrationAnswer:
        """Start the run of a confirmed registration that has none, on behalf of its parent.

        It goes on from where the row stands. Where a run is open, that one answers.

        Raises:
            Refused: it was never confirmed.
            WorkflowsUnreachable: no answer in time; the same call may be repeated.
        """
        agreement = await self._records.agreement(registration_id)
        row = agreement.registration
        request = ConfirmRequest(
            registration_id=row.id,
            summary_digest=row.summary_digest,
            accepted_fee_cents=row.success_fee_cents,
            timing=self._timing,
            taking_over=True,
        )
        already_confirmed(row, request)
        return await self._start(agreement, request, WorkflowIDReusePolicy.ALLOW_DUPLICATE)

    async def _start(
        self,
        agreement: Agreement,
        request: ConfirmRequest,
        reuse: WorkflowIDReusePolicy = WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
    ) -> RegistrationAnswer:
        row = agreement.registration
        try:
            answer = await self._runs.confirm(agreement, request, reuse)
        except WorkflowAlreadyStartedError:
            now = await self._own.own_row(row.user_id, row.id)
            already_confirmed(now, request)
            return self._own.answer(now)
        if answer.reasons:
            raise Refused(answer.reasons)
        return await self._own.get(row.user_id, row.id)

    async def reschedule(
        self, user_id: UUID, registration_id: UUID, scheduled_time: str, time_zone: str | None
    ) -> RegistrationAnswer:
        """Move the opening; possible until 2 seconds before it.

        Raises:
            Refused: with every reason; nothing moved.
        """
        row = await self._own.own_row(user_id, registration_id)
        place = zone(time_zone).key if time_zone else row.time_zone
        instant = check_future(opening_instant(scheduled_time, time_zone), self._clock.now())
        if row.status is RegistrationStatus.DRAFT:
            raise refuse(
                "still_a_draft",
                "This is only a draft. Schedule it again with the other time, then confirm that.",
            )
        if row.status in ASKED_OF_THE_RUN:
            program = (await self._records.agreement(registration_id)).program
            begun = opens_too_late(instant, program.starts_at)
            if begun is not None:
                raise Refused(begun)
        request = RescheduleRequest(scheduled_time=instant, time_zone=place)
        return await self._change(row, "reschedule", request)

    async def cancel(
        self,
        user_id: UUID,
        registration_id: UUID,
        by: CancelledBy = CancelledBy.PARENT,
        because: RefundReason | None = None,
    ) -> RegistrationAnswer:
        """Cancel: until 2 seconds before the opening, and again once it is booked.

        What is booked is given back at the organiser first, then the fee is refunded where the
        guard of refunds allows it. Repeating it is no error.

        Args:
            user_id: whose registration it is.
            registration_id: which.
            by: whose wish it is; a parent's counts only before the event begins.
            because: an operator's own reason for the refund.

        Raises:
            Refused: it is too late, it has ended otherwise, or the organiser refuses.
            WorkflowsUnreachable: it is under way; the same call may be repeated.
        """
        row = await self._own.own_row(user_id, registration_id)
        if row.status is RegistrationStatus.CANCELLED:
            return self._own.answer(row)
        if row.status is RegistrationStatus.DRAFT:
            return await self._drop_draft(row)
        if row.status is RegistrationStatus.COMPLETED:
            order = CancellationOrder(registration_id=row.id, by=by, because=because)
            await self._cancellations.carry_out(order)
            return await self._own.get(user_id, registration_id)
        called_off = await self._cancel_run(row)
        return called_off or await self.cancel(user_id, registration_id, by, because)

    async def call_off(self, user_id: UUID, registration_id: UUID) -> RegistrationAnswer:
        """Cancel what is under way. What has ended stays as it is: no booked place is given back.

        Raises:
            Refused: it is too late, and the outcome follows.
            WorkflowsUnreachable: it is under way; the same call may be repeated.
        """
        row = await self._own.own_row(user_id, registration_id)
        if row.status not in CALLED_OFF:
            return self._own.answer(row)
        return await self._cancel_run(row) or await self.call_off(user_id, registration_id)

    async def _cancel_run(self, row: Registration) -> RegistrationAnswer | None:
        """None where it moved on since the row was read: booked, or cancelled by another at the
        same time.
        """
        try:
            return await self._change(row, "cancel")
        except Refused:
            now = await self._own.own_row(row.user_id, row.id)
            if now.status is row.status:
                raise
            return None

    async def _drop_draft(self, row: Registration) -> RegistrationAnswer:
        """A draft has no workflow yet, so the front door itself ends it."""
        order = CancelOrder(
            registration_id=row.id,
            expected_version=row.version,
            operation_key=operation_key(row.id, "drop"),
        )
        try:
            await self._records.cancel(order)
        except Conflict as conflict:
            raise refuse(
                "changed_meanwhile", "This registration changed meanwhile. Look at it again."
            ) from conflict
        return await self._own.get(row.user_id, row.id)

    async def retry_fee(self, user_id: UUID, registration_id: UUID) -> RegistrationAnswer:
        """Charge the due fee again, to the card saved now.

        A charge that waits for the parent's approval is looked at first: approved, it is the
        payment; else it goes on waiting, unless another card was saved since.

        Raises:
            Refused: no fee is due, or the card was declined again.
        """
        row = await self._own.own_row(user_id, registration_id)
        await self._agreements.look_for_card(user_id)
        return await self._change(row, "retry_fee", runs=CHARGING)

    async def _change(
        self, row: Registration, update: str, *request: Any, runs: Sequence[RunOf] = OWN
    ) -> RegistrationAnswer:
        await self._updates.ask(row, update, *request, runs=runs)
        return await self._own.get(row.user_id, row.id)
