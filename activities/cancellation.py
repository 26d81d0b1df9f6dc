"""Giving a booking back: at the provider first, because all else follows from what it says."""

from datetime import timedelta
from uuid import UUID

from temporalio import activity

from activities.clock import Clock
from activities.failures import as_failure
from activities.outcome_counts import UNCOUNTED, OutcomeCounts
from activities.standing_down import StandDown
from domain.alerts import AlertKind, alert_key
from domain.audit import AuditEvent
from domain.cancellation import (
    BookingCancelledOrder,
    CancellationCheck,
    CancellationOrder,
    CancellationWish,
    CancelledBy,
    CancelledOrder,
    CancelledRow,
)
from domain.contracts import Standing
from domain.errors import OutsideError, RecordMissing, Rejected, Unauthorised
from domain.findings import refund_failed, wish_refused
from domain.identifiers import operation_key
from domain.refunds import FeeKept
from domain.refusals import Reason
from domain.registrations import Agreement
from domain.states import AuditKind, RegistrationStatus
from gateways import BookingProviders, Records

EVENT_BEGUN = Reason(
    code="event_begun",
    sentence="The program has begun, so its place can no longer be given back here. Nothing has "
    "changed. Please speak to the organiser.",
)
REFUSED_THERE = Reason(
    code="provider_refused",
    sentence="The organiser's system does not take the place back. Nothing has changed. Please "
    "speak to the organiser.",
)
UNAUTHORISED = Reason(
    code="unauthorised",
    sentence="The organiser's system refuses our access just now, so the place is not given back "
    "yet. We go on trying, and write to you. It may be faster to speak to the organiser.",
)
NEVER_ANSWERED = Reason(
    code="provider_unavailable",
    sentence="The organiser's system gave no answer until the program had begun. Please speak to "
    "the organiser.",
)
LAST_TRY = timedelta(days=1)
"""So long after the program has begun a wish is gone on with: giving a place back later helps
nobody, and a person has to speak to the organiser."""

SOMEBODY_WAITS = timedelta(seconds=15)
"""After that a refusal may reach nobody: the front door waits a little longer for the answer
(`front_door.cancellations.ANSWER_WITHIN`)."""

STANDS_THERE = Reason(
    code="booking_stands",
    sentence="The organiser's system does not show the booking as cancelled. Nothing has changed.",
)


class Cancelling:
    """The steps of a cancellation but for the money. Each may be repeated."""

    def __init__(
        self,
        records: Records,
        providers: BookingProviders,
        stand_down: StandDown,
        clock: Clock,
        counts: OutcomeCounts = UNCOUNTED,
    ) -> None:
        self._records = records
        self._providers = providers
        self._stand_down = stand_down
        self._clock = clock
        self._counts = counts

    @activity.defn(name="check_cancellation")
    async def check_cancellation(self, order: CancellationOrder) -> CancellationCheck:
        """Whether there is a booking to cancel, and the parent's wish comes in time.

        Then it is written down: should this break off, the sweep goes on with it.
        """
        try:
            return await self._check(order)
        except RecordMissing:
            return _refused("not_found", "There is no such registration.")
        except OutsideError as error:
            raise as_failure(error) from error

    async def _check(self, order: CancellationOrder) -> CancellationCheck:
        agreement = await self._records.agreement(order.registration_id)
        found = await self._found(order, agreement)
        row = CancelledRow.model_validate(agreement.registration.model_dump())
        return found.model_copy(update={"row": row})

    async def _found(self, order: CancellationOrder, agreement: Agreement) -> CancellationCheck:
        row = agreement.registration
        if row.status is RegistrationStatus.CANCELLED:
            return CancellationCheck(done=Standing.model_validate(row.model_dump()))
        if row.status is not RegistrationStatus.COMPLETED:
            said = f"This registration is {row.status.value}: no booking of it can be cancelled."
            return _refused(f"already_{row.status.value}", said)
        begun = agreement.program.starts_at <= self._clock.now()
        if order.by is CancelledBy.PARENT and begun and not await self._is_under_way(row.id):
            return CancellationCheck(reasons=(EVENT_BEGUN,))
        if agreement.program.starts_at + LAST_TRY <= self._clock.now():
            wish = await self._records.cancellation_wish(row.id)
            parents = wish is not None and wish.by is CancelledBy.PARENT
            if parents and not await self._written_down(row.id):
                written = await self._refused(wish, NEVER_ANSWERED)
                return CancellationCheck(reasons=(NEVER_ANSWERED,), written=written)
        await self._records.keep_wish(order.wish)
        return CancellationCheck()

    async def _is_under_way(self, registration_id: UUID) -> bool:
        wish = await self._records.cancellation_wish(registration_id)
        wished = wish is not None and wish.by is not CancelledBy.PROVIDER
        return wished or bool(await self._written_down(registration_id))

    async def _written_down(self, registration_id: UUID) -> list[AuditEvent]:
        trail = await self._records.audit_trail(registration_id)
        return [event for event in trail if event.kind is AuditKind.BOOKING_CANCELLED]

    async def _first_by(self, order: CancelledOrder) -> CancelledBy:
        """The refund is judged by the first, so row and letter must say the same.

        A cancellation that broke off half-way may be finished by one that somebody else began.
        """
        first = next(iter(await self._written_down(order.registration_id)), None)
        return CancelledBy(first.detail["by"]) if first is not None else order.by

    @activity.defn(name="cancel_booking")
    async def cancel_booking(self, order: CancellationOrder) -> CancellationCheck:
        """Cancel it at the provider, or see that the provider did; then write down since when.

        A provider that refuses is an answer, and nothing has changed.
        """
        try:
            reason = await self._cancel(order)
            wish = await self._records.cancellation_wish(order.registration_id)
            if reason is not None:
                gone_on = reason is UNAUTHORISED
                written = not gone_on and await self._refused(wish, reason)
                return CancellationCheck(reasons=(reason,), written=written)
            # Whoever begins it again, the first wish is what is carried out.
            by, because = (wish.by, wish.reason) if wish else (order.by, order.reason)
            await self._records.booking_cancelled(
                BookingCancelledOrder(
                    registration_id=order.registration_id,
                    by=by,
                    reason=because,
                    operation_key=operation_key(order.registration_id, "cancel-booking"),
                )
            )
        except OutsideError as error:
            raise as_failure(error) from error
        return CancellationCheck()

    async def _refused(self, wish: CancellationWish | None, reason: Reason) -> bool:
        """Nobody goes on. Where nobody waits for the answer either, it is written to the parent,
        and an operator is told; whether that was so.
        """
        if wish is None:
            return False
        late = self._clock.now() > wish.asked_at + SOMEBODY_WAITS
        if late:
            await self._records.raise_alert(wish_refused(wish, reason))
        await self._settled(wish.registration_id)
        await self._records.drop_wish(wish.registration_id, reason.sentence if late else None)
        return late

    async def _settled(self, registration_id: UUID) -> None:
        await self._records.settle_alert(alert_key(AlertKind.CANCELLATION_OPEN, registration_id))

    async def _cancel(self, order: CancellationOrder) -> Reason | None:
        agreement = await self._records.agreement(order.registration_id)
        account, number = agreement.account, agreement.registration.booking_number
        try:
            provider = self._providers.account(account.credentials_ref, account.pace)
            if number is None:
                return STANDS_THERE
            if order.by is CancelledBy.PROVIDER:
                booking = await provider.booking(number)
                # One that is not known at all was not cancelled: are the keys another account's?
                return None if booking is not None and booking.cancelled else STANDS_THERE
            await provider.cancel(number, f"cancelled by the {order.by.value}")
        except Rejected:
            return REFUSED_THERE
        except Unauthorised:
            return UNAUTHORISED
        return None

    @activity.defn(name="stand_down")
    async def stand_down(self, order: CancellationOrder) -> None:
        """Wait until the registration's runs, its own or a review's, write nothing more."""
        try:
            await self._stand_down(order.registration_id)
        except OutsideError as error:
            raise as_failure(error) from error

    @activity.defn(name="finish_cancellation")
    async def finish_cancellation(self, order: CancelledOrder) -> Standing:
        """Completed -> cancelled, by whoever's wish took effect: the first that was written down.

        A refund that is owed and failed is an operator's first.
        """
        try:
            if order.kept is FeeKept.REFUND_FAILED:
                await self._records.raise_alert(refund_failed(order.registration_id))
            by = await self._first_by(order)
            await self._settled(order.registration_id)
            standing = await self._records.finish_cancellation(order.model_copy(update={"by": by}))
        except OutsideError as error:
            raise as_failure(error) from error
        self._counts.end(standing)
        self._counts.fee(standing.fee_status)
        return standing


def _refused(code: str, sentence: str) -> CancellationCheck:
    return CancellationCheck(reasons=(Reason(code=code, sentence=sentence),))
