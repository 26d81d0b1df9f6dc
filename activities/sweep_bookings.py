"""Looking again at bookings: those that are due, and those that somebody points at."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from functools import reduce

from temporalio import activity

from activities.failures import as_failure
from activities.heartbeat import heartbeating
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
from domain.sweeps import BookingSweep, Look, LookOrder, LookReport, ProviderNotice
from gateways import Records

HEARTBEAT_EVERY = timedelta(seconds=5)

OF_ONE_REGISTRATION = (Conflict, RecordMissing, RecordRejected)
"""What the database says of one row; everything else it says concerns all."""


class BookingSweeps:
    """The bookings of registrations that have ended."""

    def __init__(self, records: Records, looking: LookingAgain) -> None:
        self._records = records
        self._looking = looking

    @activity.defn(name="sweep_bookings")
    async def sweep_bookings(self, order: BookingSweep) -> LookReport:
        """Look at what is due. What a try settled, the next one is not asked for again."""
        try:
            with heartbeating(HEARTBEAT_EVERY):
                looks = await self._records.due_looks(order)
                return await self._look(looks, second=False, again_after=order.again_after)
        except OutsideError as error:
            raise as_failure(error) from error

    @activity.defn(name="look_again")
    async def look_again(self, order: LookOrder) -> LookReport:
        """Look at these, whether or not they are due."""
        try:
            with heartbeating(HEARTBEAT_EVERY):
                return await self._look(
                    order.looks, second=order.second, again_after=order.again_after
                )
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

    async def _look(
        self, looks: Iterable[Look], *, second: bool, again_after: timedelta
    ) -> LookReport:
        """The accounts side by side, each at its own pace and for itself."""
        accounts: dict[tuple[str, str], list[Look]] = defaultdict(list)
        for look in looks:
            accounts[look.provider, look.org_ref].append(look)
        reports = await asyncio.gather(
            *(
                self._look_at_account(own, second=second, again_after=again_after)
                for own in accounts.values()
            )
        )
        return reduce(LookReport.plus, reports, LookReport())

    async def _look_at_account(
        self, looks: list[Look], *, second: bool, again_after: timedelta
    ) -> LookReport:
        report = LookReport()
        for look in looks:
            try:
                looked = await self._looking.look(look, second=second)
            except (ProviderError, *OF_ONE_REGISTRATION) as error:
                if look.of_notice and not isinstance(error, RecordMissing | RecordRejected):
                    raise _asked_again(error) from error
                activity.logger.warning("a look got no answer: %s", type(error).__name__)
                await self._records.note_look(look, again_after)
                report = report.plus(LookReport(put_off=1))
                if isinstance(error, ProviderError) and not isinstance(error, Rejected):
                    # It is the account that does not answer: the others come with the next sweep.
                    break
                continue
            report = report.plus(await self._noted(look, looked, again_after))
        return report

    async def _noted(self, look: Look, looked: Looked, again_after: timedelta) -> LookReport:
        match looked:
            case Looked.DOUBTFUL:
                return LookReport(doubtful=(look,))
            case Looked.UNFINISHED if look.of_notice:
                raise Unavailable("a booking that should not stand could not be cancelled")
            case Looked.UNFINISHED:
                await self._records.note_look(look, again_after)
                return LookReport(acted=1, put_off=1)
            case Looked.ACTED | Looked.IN_ORDER:
                await self._records.note_look(look)
                return LookReport(looked=1, acted=int(looked is Looked.ACTED))


def _asked_again(error: OutsideError) -> OutsideError:
    """What a notice's look fails of: nobody comes after it, so the same look must be repeated."""
    return error if isinstance(error, Throttled) else Unavailable(f"no answer: {error}")
