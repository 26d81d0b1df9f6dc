"""One registration looked at again: asked, judged, and put in order as far as that is ours."""

import hashlib
from enum import StrEnum

import structlog

from activities.provider_order import booking_order, family_at
from activities.reconcile import look_up
from activities.runs import Runs, RunState
from domain.errors import ProviderError
from domain.findings import alert_about
from domain.identifiers import operation_key
from domain.looking_again import Finding, Judgement, judge
from domain.registrations import Registration
from domain.sweeps import Look, Surplus
from gateways import BookingProvider, BookingProviders, Records

log = structlog.stdlib.get_logger(__name__)


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

    async def look(self, look: Look, *, second: bool) -> Looked:
        """Ask the provider what stands under the registration's reference, and act on it.

        Everything may be repeated. Raises the errors of the provider, the database and Temporal.
        """
        dossier = await self._records.dossier(look.registration_id)
        row, account = dossier.registration, dossier.account
        provider = self._providers.account(account.credentials_ref, account.pace)
        order = booking_order(dossier, await family_at(provider, dossier))
        found = await look_up(provider, order, look.since)
        live = tuple(booking.booking_number for booking in found.all_live)
        judgement = judge(row.status, row.booking_number, live, second=second)
        if judgement.doubtful:
            return Looked.DOUBTFUL
        match judgement.finding:
            case Finding.AS_RECORDED | Finding.UNDER_WAY:
                return Looked.IN_ORDER
            case Finding.SURPLUS | Finding.GHOST:
                return await self._cancel_surplus(provider, row, judgement, live)
            case Finding.GONE:
                return await self._begin_cancellation(row, judgement)
            case Finding.DISPLACED | Finding.FOR_REVIEW:
                await self._tell(row, judgement, live, Surplus())
                return Looked.ACTED

    async def _cancel_surplus(
        self,
        provider: BookingProvider,
        row: Registration,
        judgement: Judgement,
        live: tuple[str, ...],
    ) -> Looked:
        """Written down and told before the first is cancelled: a crash then leaves a trace."""
        surplus = Surplus(
            recorded=row.booking_number, kept=judgement.kept, standing=judgement.surplus
        )
        await self._write_down(row, surplus)
        await self._tell(row, judgement, live, surplus)
        for number in judgement.surplus:
            try:
                await provider.cancel(number, "duplicate")
            except ProviderError as refused:
                log.warning(
                    "surplus_stands",
                    registration_id=str(row.id),
                    booking_number=number,
                    error=type(refused).__name__,
                )
                continue
            surplus = surplus.model_copy(
                update={
                    "standing": tuple(one for one in surplus.standing if one != number),
                    "cancelled": (*surplus.cancelled, number),
                }
            )
        if surplus.cancelled:
            await self._write_down(row, surplus)
            await self._tell(row, judgement, live, surplus)
        return Looked.UNFINISHED if surplus.standing else Looked.ACTED

    async def _begin_cancellation(self, row: Registration, judgement: Judgement) -> Looked:
        """The provider took the booking back. Nothing to tell where somebody here asked for it."""
        if await self._runs.of_cancellation(row.id) is not RunState.UNKNOWN:
            return Looked.IN_ORDER
        await self._tell(row, judgement, (), Surplus())
        await self._runs.begin_cancellation(row.id)
        return Looked.ACTED

    async def _write_down(self, row: Registration, surplus: Surplus) -> None:
        # The same state met again, by a retry or at the next look, is the same event.
        state = hashlib.sha256(surplus.model_dump_json().encode()).hexdigest()[:16]
        await self._records.note_surplus(row.id, surplus, operation_key(row.id, f"surplus/{state}"))

    async def _tell(
        self,
        row: Registration,
        judgement: Judgement,
        live: tuple[str, ...],
        surplus: Surplus,
    ) -> None:
        alert = alert_about(row, judgement, live, surplus)
        if alert is not None:
            log.error("looked_again", registration_id=str(row.id), finding=judgement.finding.value)
            await self._records.raise_alert(alert)
