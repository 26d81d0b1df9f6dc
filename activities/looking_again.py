"""One registration looked at again: asked, judged, and put in order as far as that is ours."""

from enum import StrEnum

from activities.provider_order import booking_order
from activities.reconcile import READ_MARGIN
from activities.runs import Runs, RunState
from activities.surplus import SurplusBookings
from domain.booking import NOBODY, Booking
from domain.cancellation import CancellationOrder, CancelledBy
from domain.looking_again import Finding, Judgement, judge
from domain.registrations import Registration
from domain.states import RegistrationStatus
from domain.sweeps import Look, Surplus
from gateways import BookingProvider, BookingProviders, Records


class Looked(StrEnum):
    """What became of one look."""

    IN_ORDER = "in_order"
    ACTED = "acted"
    """Something was not as recorded: it was told, and set right as far as that is ours."""
    DOUBTFUL = "doubtful"
    """To be looked at a second time before anything is done."""
    UNFINISHED = "unfinished"
    """A booking could not be cancelled: to be tried again."""


class LookingAgain:
    """The look that the sweep and a provider's notice share."""

    def __init__(self, records: Records, providers: BookingProviders, runs: Runs) -> None:
        self._records = records
        self._providers = providers
        self._runs = runs
        self._surplus = SurplusBookings(records)

    async def look(self, look: Look, *, second: bool) -> Looked:
        """Ask the provider what stands of the registration, and act on it.

        Everything may be repeated. Raises the errors of the provider, the database and Temporal.
        """
        agreement = await self._records.agreement(look.registration_id)
        row, account = agreement.registration, agreement.account
        provider = self._providers.account(account.credentials_ref, account.pace)
        # By what changed since the first attempt: whatever was made for us is among it, and a
        # family that the provider refuses by now, or has under another address, hides nothing.
        order = booking_order(agreement, NOBODY)
        listed = await provider.find(order, look.since - READ_MARGIN)
        live = await self._of_its_own(row, await _live(provider, row, listed))
        judgement = judge(row.status, row.booking_number, live, second=second)
        if judgement.doubtful:
            return Looked.DOUBTFUL
        match judgement.finding:
            case Finding.AS_RECORDED | Finding.UNDER_WAY:
                return Looked.IN_ORDER
            case Finding.SURPLUS | Finding.GHOST:
                done = await self._surplus.cancel(provider, row, judgement, live)
                return Looked.ACTED if done else Looked.UNFINISHED
            case Finding.GONE:
                return await self._begin_cancellation(row, judgement)
            case Finding.DISPLACED | Finding.FOR_REVIEW:
                await self._surplus.tell(row, judgement, live, Surplus())
                return Looked.ACTED

    async def _of_its_own(self, row: Registration, live: tuple[str, ...]) -> tuple[str, ...]:
        """Without what another registration has: a person may have given it a booking of ours.

        Asked only of what would be cancelled or told of.
        """
        own: list[str] = []
        for number in live:
            kept = number == row.booking_number
            if kept or await self._records.booking_owner(row.id, number) is None:
                own.append(number)
        return tuple(own)

    async def _begin_cancellation(self, row: Registration, judgement: Judgement) -> Looked:
        """The provider took the booking back. Nothing to tell while a cancellation is at work.

        Nor where one was asked for and broke off: then it is what became of that wish.

        One that has ended says nothing by itself: it may have been refused, or given up. The row
        says whether it came through.
        """
        if await self._runs.of_cancellation(row.id) is RunState.RUNNING:
            return Looked.IN_ORDER
        # Read after the run was asked for: what ended meanwhile has written its row by now.
        now = await self._records.registration(row.id)
        if now.status is not RegistrationStatus.COMPLETED:
            return Looked.IN_ORDER
        wish = await self._records.cancellation_wish(row.id)
        if wish is None:
            await self._surplus.tell(now, judgement, (), Surplus())
        by_provider = CancellationOrder(registration_id=row.id, by=CancelledBy.PROVIDER)
        await self._runs.begin_cancellation(wish.order if wish is not None else by_provider)
        return Looked.ACTED


async def _live(
    provider: BookingProvider, row: Registration, listed: list[Booking]
) -> tuple[str, ...]:
    """The numbers that stand: as listed under our reference, and the recorded one.

    A booking that a person found may carry another reference, or none, so it is never listed:
    it is asked for by its number. Nothing else is, to spare the account's pace.
    """
    live = tuple(one.booking_number for one in listed if not one.cancelled)
    number = row.booking_number
    if row.status is not RegistrationStatus.COMPLETED or number is None:
        return live
    if any(one.booking_number == number for one in listed):
        return live
    recorded = await provider.booking(number)
    return live if recorded is None or recorded.cancelled else (number, *live)
