"""A small world for one registration: fakes all round, the time-skipping server inside."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from temporalio.client import Client, WorkflowHandle
from temporalio.testing import WorkflowEnvironment

from activities.armed_activities import TemporalActivities
from activities.lane_room import LaneRoom
from activities.lane_watch import LaneWatch
from connection import Gateways
from domain.answers import DraftAnswer, RegistrationAnswer
from domain.booking import Product
from domain.contracts import Standing
from domain.family import Card, Child, Guardian, NewChild
from domain.identifiers import external_ref, registration_workflow_id
from domain.money import Money
from domain.programs import Program, ProviderAccount
from domain.registrations import Registration
from domain.schedule_request import ScheduleRequest
from domain.timing import Timing
from gateways.fakes.billing import PRICE, FakeBilling
from gateways.fakes.booking import FakeBookingProvider, FakeEvent
from gateways.fakes.booking_accounts import FakeBookingProviders
from gateways.fakes.mail import FakeMail
from gateways.fakes.payments import CardBehaviour, FakePayments
from gateways.fakes.records import InMemoryRecords
from gateways.payload_codec import data_converter
from served import workers
from starter import FrontDoor
from tests.eventually import eventually
from tests.mandates import MANDATES
from tests.payload_keys import payload_keys
from tests.workflows.virtual_clock import VirtualClock

TIMING = Timing(
    lead=timedelta(seconds=1),
    point_of_no_return=timedelta(milliseconds=200),
    opening_grace=timedelta(seconds=1),
    opening_retry=timedelta(milliseconds=100),
    quiet_period=timedelta(milliseconds=400),
)
"""Tiny, because what an activity waits is waited for real."""

FEE = 2_000


def card(number: int = 1) -> Card:
    return Card(
        payment_method_id=f"pm_{number}", brand="visa", last4="4242", exp_month=12, exp_year=2099
    )


@dataclass
class World:
    env: WorkflowEnvironment
    clock: VirtualClock
    records: InMemoryRecords
    provider: FakeBookingProvider
    event: FakeEvent
    payments: FakePayments
    mail: FakeMail
    door: FrontDoor
    user: UUID
    child: Child
    gateways: Gateways
    timing: Timing = TIMING
    connected: Client | None = None
    """In place of the environment's own client."""

    @property
    def billing(self) -> FakeBilling:
        return self.payments.billing

    @property
    def client(self) -> Client:
        return self.connected or self.env.client

    def with_payload_keys(self, *entries: str) -> "World":
        """The same world, whose programs are started with those keys."""
        config = self.env.client.config()
        config["data_converter"] = data_converter(payload_keys(*entries) if entries else None)
        client = Client(**config)
        door = _door(client, self.gateways, self.timing, self.clock)
        return replace(self, connected=client, door=door)

    @asynccontextmanager
    async def served(self, **options: Any) -> AsyncGenerator[None]:
        """With workers running; a bug in a workflow fails it at once."""
        async with AsyncExitStack() as stack:
            room = LaneRoom(self.records)
            stack.push_async_callback(room.aclose)
            watch = LaneWatch(self.records, TemporalActivities(self.client), self.clock)
            stack.push_async_callback(watch.aclose)
            for worker in workers(
                self.client,
                self.gateways,
                self.mail,
                room,
                watch,
                clock=self.clock,
                timing=self.timing,
                workflow_failure_exception_types=[Exception],
                **options,
            ):
                await stack.enter_async_context(worker)
            yield

    async def draft(
        self,
        ahead: timedelta = timedelta(days=1),
        *,
        cap: int = 50_000,
        children: tuple[UUID, ...] = (),
    ) -> DraftAnswer:
        self.clock.outside = await self.env.get_current_time()
        opening = self.clock.outside + ahead
        self.event.opens_at = opening
        return await self.door.drafts.schedule(
            self.user,
            ScheduleRequest(
                org_ref="swim-club",
                program_ref="prod1",
                event_id="event1",
                child_ids=children or (self.child.id,),
                max_total_cents=cap,
                scheduled_time=opening.isoformat(),
                time_zone="America/New_York",
            ),
        )

    async def confirm(self, draft: DraftAnswer) -> RegistrationAnswer:
        self.clock.outside = await self.env.get_current_time()
        return await self.door.changes.confirm(
            self.user, draft.registration_id, draft.summary_digest, draft.success_fee_cents
        )

    async def scheduled(self, ahead: timedelta = timedelta(days=1)) -> UUID:
        draft = await self.draft(ahead)
        await self.confirm(draft)
        return draft.registration_id

    def run(self, registration_id: UUID) -> WorkflowHandle[object, Standing]:
        return self.client.get_workflow_handle(
            registration_workflow_id(registration_id), result_type=Standing
        )

    async def until(self, instant: datetime) -> None:
        """Skip the server's time to that instant."""
        left = instant - await self.env.get_current_time()
        await self.env.sleep(max(left, timedelta()))
        self.clock.outside = await self.env.get_current_time()

    async def until_opening(self, registration_id: UUID) -> None:
        row = await self.records.registration(registration_id)
        await self.until(row.scheduled_time)

    async def ended(self, registration_id: UUID) -> Registration:
        """Skip to the opening, then wait until the run has ended; the row it leaves."""
        await self.until_opening(registration_id)
        async with asyncio.timeout(40):
            await self.run(registration_id).result()
        return await self.records.registration(registration_id)

    async def row_when(
        self, registration_id: UUID, reached: Callable[[Registration], bool]
    ) -> Registration:
        """The row as soon as it is so; for runs that go on."""
        await eventually(lambda: reached(self.records.rows[registration_id]))
        return self.records.rows[registration_id]

    def real_now(self) -> datetime:
        return datetime.now(UTC)

    def bookings(self, registration_id: UUID) -> list[str]:
        live = self.provider.live_bookings(external_ref(registration_id))
        return [booking.booking_number for booking in live]

    async def use_card(self, saved: Card, behaviour: CardBehaviour) -> None:
        await save_card(self.door, self.payments, self.user, saved, behaviour)

    def subjects(self) -> list[str]:
        return [letter.subject.split(":")[0] for letter in self.mail.letters]


async def build_world(
    env: WorkflowEnvironment, timing: Timing = TIMING, clock: VirtualClock | None = None
) -> World:
    clock = clock or VirtualClock()
    clock.outside = await env.get_current_time()
    records = InMemoryRecords(clock.now)
    provider = FakeBookingProvider(clock.now)
    payments, mail = FakePayments(clock.now), FakeMail()
    providers = FakeBookingProviders({"default": provider})
    gateways = Gateways(records, providers, payments, MANDATES)
    door = _door(env.client, gateways, timing, clock)
    user = await records.user_for("https://issuer.test/", "local|ann")
    await _family(door, payments, user)
    child = await door.family.add_child(
        user, NewChild(first_name="Mia", last_name="Lind", birth_date=date(2017, 5, 4))
    )
    event = await _program(records, provider, clock.outside)
    return World(
        env, clock, records, provider, event, payments, mail, door, user, child, gateways, timing
    )


def _door(temporal: Client, gateways: Gateways, timing: Timing, clock: VirtualClock) -> FrontDoor:
    return FrontDoor.over(temporal, gateways, "http://127.0.0.1", timing, clock, price_id=PRICE)


async def _family(door: FrontDoor, payments: FakePayments, user: UUID) -> None:
    await door.family.save_guardian(
        user,
        Guardian(
            first_name="Ann",
            last_name="Lind",
            email="ann@example.com",
            phone="+1 555 010 0100",
            birth_date=date(1985, 1, 2),
        ),
    )
    await save_card(door, payments, user, card())


async def save_card(
    door: FrontDoor,
    payments: FakePayments,
    user: UUID,
    saved: Card,
    behaviour: CardBehaviour = CardBehaviour.PAYS,
) -> None:
    setup = await door.cards.start_setup(user)
    payments.complete_setup(setup.session_id, saved, behaviour)
    await door.cards.payment_method(user)


async def _program(
    records: InMemoryRecords, provider: FakeBookingProvider, now: datetime
) -> FakeEvent:
    begins = now + timedelta(days=200)
    await records.save_provider_account(ProviderAccount(org_ref="swim-club", name="The Swim Club"))
    await records.save_program(
        Program(
            id=uuid4(),
            provider="bookeo",
            org_ref="swim-club",
            program_ref="prod1",
            event_id="event1",
            name="Swim Lessons",
            starts_at=begins,
            ends_at=begins + timedelta(hours=1),
            time_zone="America/New_York",
            price_cents=12_000,
        )
    )
    provider.add_product(
        Product(
            product_id="prod1",
            name="Swim Lessons",
            type="fixed",
            api_bookings_allowed=True,
            price_per_category={"Cchildren": Money(amount_cents=12_000)},
        )
    )
    return provider.add_event(
        FakeEvent(
            product_id="prod1",
            event_id="event1",
            starts_at=begins,
            ends_at=begins + timedelta(hours=1),
            seats=10,
        )
    )
