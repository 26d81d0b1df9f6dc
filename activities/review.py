"""A person's decision of what nobody could tell: checked at the provider, then written."""

from temporalio import activity

from activities.clock import Clock
from activities.failures import as_failure
from activities.outcome_counts import UNCOUNTED, OutcomeCounts
from activities.review_lookup import under_our_reference
from activities.review_verdict import facts, failed_as, faults_of_booked, faults_of_not_booked
from domain.booking import Booking
from domain.contracts import ChangeAnswer
from domain.errors import Conflict, OutsideError, RecordRejected, Unauthorised
from domain.identifiers import external_ref
from domain.refusals import Reason
from domain.registrations import Agreement
from domain.review import (
    ReviewCase,
    ReviewDecision,
    ReviewFinding,
    ReviewOutcome,
    ReviewRequest,
    ShownBooking,
)
from domain.states import RegistrationStatus
from gateways import BookingProvider, BookingProviders, Records

MOST_SHOWN = 20
"""Bookings kept in the audit trail of one decision."""

UNAUTHORISED = Reason(
    code="unauthorised",
    sentence="The organiser's system refuses our keys, so the decision could not be checked. "
    "Correct the account's key, then type the same again.",
)


class Reviewing:
    """The steps of a review."""

    def __init__(
        self,
        records: Records,
        providers: BookingProviders,
        clock: Clock,
        counts: OutcomeCounts = UNCOUNTED,
    ) -> None:
        self._records = records
        self._providers = providers
        self._clock = clock
        self._counts = counts

    @activity.defn(name="check_review")
    async def check_review(self, request: ReviewRequest) -> ReviewFinding:
        """Look the decision up at the provider, once more. Changes nothing."""
        try:
            return await self._check(request)
        except Unauthorised:
            return ReviewFinding(reasons=(UNAUTHORISED,))
        except OutsideError as error:
            raise as_failure(error) from error

    @activity.defn(name="resolve_review")
    async def resolve_review(self, outcome: ReviewOutcome) -> ChangeAnswer:
        """The decision with its outcome, or why the database does not take it."""
        try:
            standing = await self._records.resolve_review(outcome)
        except RecordRejected as rejected:
            return ChangeAnswer(reasons=(Reason(code=rejected.code, sentence=str(rejected)),))
        except Conflict as conflict:
            return ChangeAnswer(reasons=(Reason(code="changed_meanwhile", sentence=str(conflict)),))
        except OutsideError as error:
            raise as_failure(error) from error
        self._counts.end(standing, outcome.failure_code)
        if outcome.charge is not None:
            self._counts.fee(standing.fee_status)
        return ChangeAnswer(standing=standing)

    async def _check(self, request: ReviewRequest) -> ReviewFinding:
        agreement = await self._records.agreement(request.registration_id)
        case = await self._records.review_case(request.registration_id)
        row = agreement.registration
        if row.status is not RegistrationStatus.NEEDS_REVIEW or case is None:
            return _refused("not_in_review", f"This registration is {row.status.value} meanwhile.")
        account = agreement.account
        provider = self._providers.account(account.credentials_ref, account.pace)
        ours = await under_our_reference(provider, agreement, case)
        if request.decision is ReviewDecision.BOOKED:
            return await self._booked(request, agreement, case, provider, ours)
        reasons = faults_of_not_booked(row, case, ours, fee_returned=request.fee_returned)
        code, message = failed_as(row, case, ours)
        return ReviewFinding(
            reasons=tuple(reasons),
            version=row.version,
            failure_code=code,
            message=message,
            shown=_shown(ours, external_ref(row.id)),
        )

    async def _booked(
        self,
        request: ReviewRequest,
        agreement: Agreement,
        case: ReviewCase,
        provider: BookingProvider,
        ours: list[Booking],
    ) -> ReviewFinding:
        row, number = agreement.registration, request.booking_number or ""
        booking = await provider.booking(number) if number else None
        if booking is None:
            return _refused(
                "no_such_booking", f"The organiser's system knows no booking {number!r}."
            )
        reasons = faults_of_booked(
            row,
            case,
            booking,
            ours,
            owner=await self._records.booking_owner(row.id, booking.booking_number),
            another_reference=request.another_reference,
        )
        beside = [one for one in ours if one.booking_number != booking.booking_number]
        return ReviewFinding(
            reasons=tuple(reasons),
            version=row.version,
            booking=facts(row, case, booking, self._clock.now()),
            shown=_shown([booking, *beside], external_ref(row.id)),
        )


def _refused(code: str, sentence: str) -> ReviewFinding:
    return ReviewFinding(reasons=(Reason(code=code, sentence=sentence),))


def _shown(bookings: list[Booking], reference: str) -> tuple[ShownBooking, ...]:
    return tuple(ShownBooking.of(booking, reference) for booking in bookings[:MOST_SHOWN])
