"""A registration under review, and a person who checks it."""

from dataclasses import dataclass
from datetime import timedelta

from activities.clock import SystemClock
from activities.review import Reviewing
from domain.booking import Booking, BookingOrder, ProviderPeople
from domain.contracts import OutcomeOrder
from domain.identifiers import external_ref
from domain.registrations import Registration
from domain.review import ReviewDecision, ReviewFinding, ReviewRequest
from domain.review_causes import ReviewCause
from domain.states import RegistrationStatus
from gateways.fakes.booking_accounts import FakeBookingProviders
from tests.activities.booth import Booth
from tests.gateways.households import key

PEOPLE = ProviderPeople(customer_id="customer-1", person_ids=("person-1",))


@dataclass
class Desk:
    """One registration under review, and the provider it was sent to."""

    booth: Booth
    row: Registration

    async def books(self, reference: str | None = None) -> Booking:
        program = self.booth.household.program
        order = BookingOrder(
            reference=reference or external_ref(self.row.id),
            product_id=program.program_ref,
            event_id=program.event_id,
            event_start=program.starts_at,
            people_category=program.people_category,
            people=PEOPLE,
        )
        return (await self.booth.provider.book(order)).booking

    def cancels(self, booking: Booking) -> None:
        self.booth.provider.cancel_from_their_side(booking.booking_number)

    async def booked(self, number: str, *, another_reference: bool = False) -> ReviewFinding:
        return await self._checked(
            ReviewRequest(
                registration_id=self.row.id,
                decision=ReviewDecision.BOOKED,
                booking_number=number,
                another_reference=another_reference,
                by="kim",
            )
        )

    async def not_booked(self, *, fee_returned: bool = False) -> ReviewFinding:
        return await self._checked(
            ReviewRequest(
                registration_id=self.row.id,
                decision=ReviewDecision.NOT_BOOKED,
                fee_returned=fee_returned,
                by="kim",
            )
        )

    async def _checked(self, request: ReviewRequest) -> ReviewFinding:
        before = self.booth.records.rows[self.row.id]
        providers = FakeBookingProviders({"pool": self.booth.provider})
        reviewing = Reviewing(self.booth.records, providers, SystemClock())
        finding = await reviewing.check_review(request)
        assert self.booth.records.rows[self.row.id] == before
        return finding


def codes(finding: ReviewFinding) -> list[str]:
    return [reason.code for reason in finding.reasons]


async def reviewed(booth: Booth, **changes: object) -> Desk:
    order = await booth.executing(timedelta(seconds=-1))
    row = await booth.row(order)
    await booth.records.open_attempt(row.id, row.scheduled_time, key("attempt"))
    outcome = OutcomeOrder(
        registration_id=row.id,
        expected_version=row.version,
        operation_key=key("outcome"),
        status=RegistrationStatus.NEEDS_REVIEW,
        evidence="ReadTimeout; two sends left no trace",
        cause=ReviewCause.TWO_SENDS_WITHOUT_TRACE,
    )
    await booth.records.record_outcome(outcome.model_copy(update=changes))
    return Desk(booth, await booth.row(order))
