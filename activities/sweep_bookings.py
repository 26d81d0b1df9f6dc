"""Looking again at bookings: those that are due, and those that somebody points at."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from functools import reduce
from uuid import UUID

from temporalio import activity

from activities.clock import Clock
from activities.failures import as_failure
from activities.heartbeat import UNHURRIED, heartbeating
from activities.looking_again import Looked, LookingAgain
from domain.errors import (
    Conflict,
    OutsideError,
    ProviderError,
    RecordMissing,
    RecordRejected,
    Rejected,
    Throttled,
    Unavailable,
)
from domain.findings import look_unanswered
from domain.sweeps import BookingSweep, Look, LookOrder, LookReport, ProviderNotice
from gateways import Records

OF_ONE_REGISTRATION = (Conflict, RecordMissing, RecordRejected)
"""What the database says of one row; everything else it says concerns all."""


class BookingSweeps:
    """The bookings of registrations that have ended."""

    def __init__(self, records: Records, looking: LookingAgain, clock: Clock) -> None:
        self._records = records
        self._looking = looking
        self._clock = clock

    @activity.defn(name="sweep_bookings")
    async def sweep_bookings(self, order: BookingSweep) -> LookReport:
        """Look at what is due. What a try settled, the next one is not asked for again."""
        try:
            with heartbeating(UNHURRIED):
                looks = await self._records.due_looks(order)
                late = {
                    look.registration_id: due
                    for look in looks
                    if (due := order.due_at(look)) is not None
                    and due + order.told_after < self._clock.now()
                }
                return await self._look(LookOrder(looks=looks, again_after=order.again_after), late)
        except OutsideError as error:
            raise as_failure(error) from error

    @activity.defn(name="look_again")
    async def look_again(self, order: LookOrder) -> LookReport:
        """Look at these, whether or not they are due."""
        now = self._clock.now()
        late = {look.registration_id: now for look in order.looks} if order.last else {}
        try:
            with heartbeating(UNHURRIED):
                return await self._look(order, late)
        except OutsideError as error:
            raise as_failure(error) from error

    @activity.defn(name="find_noticed")
    async def find_noticed(self, notice: ProviderNotice) -> Look | None:
        """The registration that a provider's notice is about; None where it is none of ours."""
        try:
            return await self._records.noticed_look(
                notice.provider, notice.booking_number, notice.reference
            )
        except OutsideError as error:
            raise as_failure(error) from error

    async def _look(self, order: LookOrder, late: Mapping[UUID, datetime]) -> LookReport:
        """The accounts side by side, each at its own pace and for itself.

        Args:
            order: what to look at.
            late: those of which no answer is told, with the instant since when there is none.
        """
        accounts: dict[tuple[str, str], list[Look]] = defaultdict(list)
        for look in order.looks:
            accounts[look.provider, look.org_ref].append(look)
        reports = await asyncio.gather(
            *(
                self._look_at_account(order.model_copy(update={"looks": tuple(own)}), late)
                for own in accounts.values()
            )
        )
        return reduce(LookReport.plus, reports, LookReport())

    async def _look_at_account(self, order: LookOrder, late: Mapping[UUID, datetime]) -> LookReport:
        report = LookReport()
        for look in order.looks:
            try:
                looked = await self._looking.look(look, second=order.second)
            except (ProviderError, *OF_ONE_REGISTRATION) as error:
                if not order.last and _to_be_asked_again(look, error):
                    raise _asked_again(error) from error
                activity.logger.warning("a look got no answer: %s", error)
                await self._put_off(look, order, late, type(error).__name__)
                report = report.plus(LookReport(put_off=1))
                if isinstance(error, ProviderError) and not isinstance(error, Rejected):
                    # It is the account that does not answer: the others come with the next sweep.
                    break
                continue
            report = report.plus(await self._noted(look, looked, order, late))
        return report

    async def _noted(
        self, look: Look, looked: Looked, order: LookOrder, late: Mapping[UUID, datetime]
    ) -> LookReport:
        match looked:
            case Looked.DOUBTFUL:
                return LookReport(doubtful=(look,))
            case Looked.UNFINISHED if look.of_notice and not order.last:
                raise Unavailable("a booking that should not stand could not be cancelled")
            case Looked.UNFINISHED:
                await self._put_off(look, order, late, "a booking could not be cancelled")
                return LookReport(acted=1, put_off=1)
            case Looked.ACTED | Looked.IN_ORDER:
                await self._records.note_look(look)
                return LookReport(looked=1, acted=int(looked is Looked.ACTED))

    async def _put_off(
        self, look: Look, order: LookOrder, late: Mapping[UUID, datetime], why: str
    ) -> None:
        await self._records.note_look(look, order.again_after)
        since = late.get(look.registration_id)
        if since is not None:
            alert = look_unanswered(look, since, why)
            await self._records.raise_alert(alert, unless_settled_since=since)


def _to_be_asked_again(look: Look, error: OutsideError) -> bool:
    return look.of_notice and not isinstance(error, RecordMissing | RecordRejected)


def _asked_again(error: OutsideError) -> OutsideError:
    """What a notice's look fails of: nobody comes after it, so the same look must be repeated."""
    return error if isinstance(error, Throttled) else Unavailable(f"no answer: {error}")
