"""One registration about to be booked, over fakes and without a server."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from temporalio.testing import ActivityEnvironment

from activities.book import Bookings
from activities.clock import Clock, SystemClock
from activities.lane_room import LaneRoom
from domain.booking import Product
from domain.contracts import BookingResult, BookOrder
from domain.identifiers import external_ref
from domain.money import Money
from domain.registrations import Registration
from domain.timing import Timing
from gateways import Mandates
from gateways.fakes.booking import FakeBookingProvider
from gateways.fakes.booking_accounts import FakeBookingProviders
from gateways.fakes.booking_events import FakeEvent
from gateways.fakes.records import InMemoryRecords
from tests.gateways.households import Household, new_household
from tests.mandates import MANDATES

MS = timedelta(milliseconds=1)

TIMING = Timing(
    opening_grace=timedelta(seconds=2),
    opening_retry=100 * MS,
    quiet_period=300 * MS,
)


@dataclass
class Booth:
    records: InMemoryRecords
    provider: FakeBookingProvider
    event: FakeEvent
    household: Household
    room: LaneRoom
    environments: list[ActivityEnvironment] = field(default_factory=list[ActivityEnvironment])

    async def executing(self, opens_in: timedelta) -> BookOrder:
        """Claimed, with its opening so far ahead, and its order to book."""
        household = await new_household(self.records) if self._taken else self.household
        self._taken = True
        if household is not self.household:
            # Another family at the same organiser.
            household = Household(
                self.records,
                household.user_id,
                household.children,
                self.household.program,
                household.customer_id,
            )
        opening = datetime.now(UTC) + opens_in
        self.event.opens_at = opening
        row = await household.pending(scheduled_time=opening)
        claim = await household.claim(row)
        return BookOrder(
            registration_id=row.id,
            send_at=claim.send_at,
            timing=TIMING,
            rank=claim.rank,
            sharing=claim.sharing,
        )

    _taken = False

    async def book(
        self,
        order: BookOrder,
        room: LaneRoom | None = None,
        clock: Clock | None = None,
        mandates: Mandates = MANDATES,
    ) -> BookingResult:
        """Run the activity as a worker would, on that clock and with those keys."""
        bookings = Bookings(
            self.records,
            FakeBookingProviders({"pool": self.provider}),
            mandates,
            room or self.room,
            clock or SystemClock(),
        )
        environment = ActivityEnvironment()
        self.environments.append(environment)
        async with asyncio.timeout(20):
            return await environment.run(bookings.book, order)

    async def row(self, order: BookOrder) -> Registration:
        return await self.records.registration(order.registration_id)

    def markers(self, order: BookOrder) -> list[str | None]:
        """How each of its markers was closed; None for an open one."""
        return [kept.outcome for kept in self.records.attempts[order.registration_id]]

    def bookings(self, order: BookOrder) -> int:
        return len(self.provider.live_bookings(external_ref(order.registration_id)))

    def sent(self, registration_id: UUID) -> list[datetime]:
        """When its booking requests reached the provider."""
        reference = external_ref(registration_id)
        return [at for at, order in self.provider.sends if order.reference == reference]


@asynccontextmanager
async def booth() -> AsyncGenerator[Booth]:
    records = InMemoryRecords()
    provider = FakeBookingProvider()
    household = await new_household(records)
    program = household.program
    provider.add_product(
        Product(
            product_id=program.program_ref,
            name=program.name,
            type="fixed",
            api_bookings_allowed=True,
            price_per_category={program.people_category: Money(amount_cents=program.price_cents)},
        )
    )
    event = provider.add_event(
        FakeEvent(
            product_id=program.program_ref,
            event_id=program.event_id,
            starts_at=program.starts_at,
            ends_at=program.ends_at,
            seats=100,
        )
    )
    room = LaneRoom(records)
    try:
        yield Booth(records, provider, event, household, room)
    finally:
        await room.aclose()
