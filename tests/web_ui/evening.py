"""An evening at a real Temporal server: registrations in every state that an operator asks for."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from domain.booking import BookingOrder, Confirmed
from domain.contracts import OutcomeOrder, RegistrationView, Standing
from domain.errors import RecordRejected, Rejected, UnknownOutcome
from domain.family import Guardian, NewChild
from domain.pacing import Pace
from domain.programs import Program, ProviderAccount
from domain.registrations import Registration
from domain.schedule_request import ScheduleRequest
from domain.states import FeeStatus, RegistrationStatus
from gateways.fakes.booking_events import FakeEvent
from gateways.fakes.payments import CardBehaviour
from tests.eventually import eventually
from tests.workflows.virtual_clock import VirtualClock
from tests.workflows.world import TIMING, World, build_world, card, save_card
from workflows.registration import RegistrationWorkflow

LATE = timedelta(milliseconds=150)
"""Between the instant and the first byte of the one that is late; the others leave on time, however
busy the machine is that plays this."""

UNHURRIED = Pace(rate_per_second=500, burst=100, spacing=timedelta(), concurrency=100)
"""The stories open at one instant, and none is about the pace."""

CLUBS = {"swim-club": "Riverside Swim School", "art-school": "Northside Art School"}


class RealClock(VirtualClock):
    """The host's own, as the server's is."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class Evening:
    """The world, and the registration of each story by the story's name."""

    def __init__(self, world: World, opens_at: datetime) -> None:
        self.world = world
        self.rows: dict[str, UUID] = {}
        self._opens_at = opens_at
        self._real_book = world.provider.book
        world.provider.book = self._book  # type: ignore[method-assign]
        self._real_cancel = world.provider.cancel
        world.provider.cancel = self._cancel  # type: ignore[method-assign]
        self._real_outcome = world.records.record_outcome
        world.records.record_outcome = self._not_written  # type: ignore[method-assign]

    def row(self, name: str) -> Registration:
        """Where it stands in the database."""
        return self.world.records.rows[self.rows[name]]

    async def confirmed(
        self,
        name: str,
        opens_in: timedelta | None = None,
        *,
        seats: int = 10,
        shut: bool = False,
        user: UUID | None = None,
        club: str = "swim-club",
    ) -> None:
        """A registration for an event of its own, named after the story."""
        who, world = user or self.world.user, self.world
        opens_at = datetime.now(UTC) + opens_in if opens_in else self._opens_at
        program = await self._offered(name, opens_at, club)
        world.provider.add_event(
            FakeEvent(
                product_id=program.program_ref,
                event_id=name,
                starts_at=program.starts_at,
                ends_at=program.ends_at,
                seats=seats,
                opens_at=opens_at + timedelta(hours=1) if shut else opens_at,
            )
        )
        draft = await world.door.drafts.schedule(
            who,
            ScheduleRequest(
                org_ref=program.org_ref,
                program_ref=program.program_ref,
                event_id=name,
                child_ids=tuple(child.id for child in await world.records.children(who)),
                max_total_cents=50_000,
                scheduled_time=opens_at.isoformat(),
                time_zone=program.time_zone,
            ),
        )
        self.rows[name] = draft.registration_id
        await world.door.changes.confirm(
            who, draft.registration_id, draft.summary_digest, draft.success_fee_cents
        )

    async def is_now(self, name: str, status: RegistrationStatus) -> None:
        """Wait for it."""
        await eventually(lambda: self.row(name).status is status)

    async def unpaid(self, name: str) -> UUID:
        """Booked for a family whose card is declined; the family."""
        user = await _family_with_a_bad_card(self.world, name)
        await self.confirmed(name, user=user)
        await eventually(lambda: self.row(name).fee_status is FeeStatus.DUE)
        return user

    async def knows_that_a_person_must_look(self, name: str) -> None:
        """Wait until the run has heard what the database wrote."""
        run: Any = self.world.run(self.rows[name])
        async with asyncio.timeout(30):
            while True:
                view: RegistrationView = await run.query(RegistrationWorkflow.status)
                if view.standing and view.standing.status is RegistrationStatus.NEEDS_REVIEW:
                    return
                await asyncio.sleep(0.05)

    async def _not_written(self, order: OutcomeOrder) -> Standing:
        """The database refuses, for good, that the registration of one story has failed."""
        failed = order.status is RegistrationStatus.FAILED
        if failed and order.registration_id == self.rows["refusal-unwritten"]:
            raise RecordRejected("23514", "the outcome breaks a rule")
        return await self._real_outcome(order)

    async def _cancel(self, booking_number: str, reason: str) -> None:
        if booking_number == self.row("kept-there").booking_number:
            raise Rejected("refused", "too late for that")
        await self._real_cancel(booking_number, reason)

    async def _offered(self, name: str, opens_at: datetime, club: str) -> Program:
        begins = opens_at + timedelta(days=200)
        program = Program(
            id=uuid4(),
            provider="bookeo",
            org_ref=club,
            program_ref="prod1",
            event_id=name,
            name="Swim Lessons",
            starts_at=begins,
            ends_at=begins + timedelta(hours=1),
            time_zone="America/New_York",
            price_cents=12_000,
        )
        await self.world.records.save_program(program)
        return program

    async def _book(self, order: BookingOrder, on_first_byte: Any = None) -> Confirmed:
        if order.event_id.startswith("unclear"):
            raise UnknownOutcome("ReadTimeout")
        late = order.event_id == "late"
        # A machine that is too busy to arm it in time counts from when it did.
        sent_at = max(self._opens_at, datetime.now(UTC)) + LATE if late else self._opens_at
        if on_first_byte is not None:
            on_first_byte(sent_at)
        confirmed = await self._real_book(order)
        return confirmed.model_copy(update={"first_byte_at": sent_at, "arrived_at": None})


async def evening_world(env: Any) -> World:
    """Fakes all round, at a server whose time is the real one."""
    world = await build_world(env, TIMING, RealClock())
    for org_ref, name in CLUBS.items():
        await world.records.save_provider_account(
            ProviderAccount(org_ref=org_ref, name=name, pace=UNHURRIED)
        )
    return world


async def _family_with_a_bad_card(world: World, name: str) -> UUID:
    user = await world.records.user_for("https://issuer.test/", f"local|{name}")
    await world.door.family.save_guardian(
        user,
        Guardian(
            first_name="Bob",
            last_name="Quist",
            email=f"bob+{name}@example.com",
            phone="+1 555 010 0101",
            birth_date=date(1984, 3, 1),
        ),
    )
    await save_card(world.door, world.payments, user, card(2), CardBehaviour.DECLINES)
    await world.door.family.add_child(
        user, NewChild(first_name="Noa", last_name="Quist", birth_date=date(2016, 6, 2))
    )
    return user
