"""Looking ahead: would the booking go through if the window opened now?"""

from datetime import datetime

from temporalio import activity

from activities.card_lookup import look_for_card
from activities.clock import Clock
from activities.failures import as_failure
from activities.permission import Permission
from domain.booking import ProviderPeople
from domain.consent import card_faults, family_faults, price_at, product_faults, too_few_seats
from domain.errors import MandateKeyUnknown, OutsideError, Rejected, Unauthorised
from domain.looking_ahead import Moment, PreflightOrder, PreflightReport
from domain.mandates import Use
from domain.money import Money
from domain.refusals import Reason
from domain.registrations import Dossier
from domain.states import FailureCode, RegistrationStatus
from gateways import BookingProvider, BookingProviders, Mandates, Payments, Records

FINAL: tuple[tuple[str, FailureCode], ...] = (
    ("mandate_invalid", FailureCode.MANDATE_INVALID),
    ("over_cap", FailureCode.OVER_CAP),
    ("provider_blocked", FailureCode.PROVIDER_BLOCKED),
    ("unauthorised", FailureCode.UNAUTHORISED),
)
"""The problems that forbid the booking, the gravest first. Any other is worth a try: a parent
rather has the place with the fee still due than no place."""


class Preflight:
    """Checks mandate, card, price, product and slot, and resolves the provider's people."""

    def __init__(
        self,
        records: Records,
        providers: BookingProviders,
        payments: Payments,
        mandates: Mandates,
        clock: Clock,
    ) -> None:
        self._records = records
        self._providers = providers
        self._payments = payments
        self._permission = Permission(mandates, clock)
        self._clock = clock

    @activity.defn(name="preflight")
    async def preflight(self, order: PreflightOrder) -> PreflightReport:
        """Everything that would stop the booking; ahead of the lead, the parent is told.

        In the lead also how many registrations share the instant, by which their arming is spread.
        """
        try:
            dossier = await self._records.dossier(order.registration_id)
            payer = await self._records.payer(dossier.registration.user_id)
            if await look_for_card(self._records, self._payments, payer):
                dossier = await self._records.dossier(order.registration_id)
            report = await self._look(dossier, self._clock.now())
            if order.moment is Moment.LEAD:
                sharing = await self._records.sharing(dossier.registration.scheduled_time)
                report = report.model_copy(update={"sharing_instant": sharing})
            if report.problems and order.moment is Moment.AHEAD:
                await self._records.note_problems(
                    order.registration_id, report.problems, order.operation_key
                )
        except OutsideError as error:
            raise as_failure(error) from error
        if order.moment is Moment.AHEAD:
            return report.model_copy(update={"final": None})
        return report

    async def _look(self, dossier: Dossier, now: datetime) -> PreflightReport:
        problems = [
            *await self._permission_faults(dossier),
            *family_faults(dossier, now),
            *card_faults(dossier),
        ]
        people: ProviderPeople | None = None
        price: Money | None = None
        try:
            account = dossier.account
            provider = self._providers.account(account.credentials_ref, account.pace)
            product = await provider.product(dossier.registration.program_ref)
            price = price_at(product, dossier)
            problems.extend(product_faults(dossier, product))
            people = await self._people(provider, dossier)
            slot_fault = await self._slot_fault(provider, dossier)
            if slot_fault is not None:
                problems.append(slot_fault)
        except Unauthorised:
            problems.append(
                Reason(
                    code="unauthorised",
                    sentence="The organiser's system refuses our access. We are looking into it.",
                )
            )
        except Rejected:
            problems.append(
                Reason(
                    code="provider_blocked",
                    sentence="The organiser no longer offers this program.",
                )
            )
        return PreflightReport(
            problems=tuple(problems), final=_final(problems), people=people, price=price
        )

    async def _permission_faults(self, dossier: Dossier) -> list[Reason]:
        # Past pending it may be booked already, by a run that was lost, and its permission used:
        # that is no problem to tell of, and what is still to be booked `book` asks for itself.
        pending = dossier.registration.status is RegistrationStatus.PENDING
        use = Use.BOOKING if pending else None
        try:
            return await self._permission.faults_told(dossier, use, self._records)
        except MandateKeyUnknown:
            # Told to those who can give the key back. No parent can, and `book` asks again.
            return []

    async def _people(self, provider: BookingProvider, dossier: Dossier) -> ProviderPeople | None:
        if dossier.guardian is None:
            return None
        return await provider.people(
            dossier.guardian, dossier.children, dossier.program.people_category
        )

    async def _slot_fault(self, provider: BookingProvider, dossier: Dossier) -> Reason | None:
        row = dossier.registration
        slot = await provider.slot(
            row.program_ref, row.event_id, dossier.program.starts_at, ahead=True
        )
        return too_few_seats(dossier, slot)


def _final(problems: list[Reason]) -> FailureCode | None:
    codes = {problem.code for problem in problems}
    return next((failure for code, failure in FINAL if code in codes), None)
