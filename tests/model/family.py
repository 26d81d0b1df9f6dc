"""A family at the front door, with two children, two programs, and everything behind it."""

import asyncio
from datetime import date, datetime, timedelta
from uuid import UUID

from temporalio.client import WorkflowExecutionStatus
from temporalio.testing import WorkflowEnvironment

from domain.answers import DraftAnswer, RegistrationAnswer
from domain.family import NewChild
from domain.registrations import Registration
from domain.schedule_request import ScheduleRequest
from domain.states import FeeStatus, RegistrationStatus
from gateways.fakes.booking import FakeEvent
from tests.eventually import eventually
from tests.workflows.world import TIMING, World, build_world

ROOMY, FULL_SOON = "event1", "event2"
PLACES = {ROOMY: 10, FULL_SOON: 1}

QUICK = TIMING.model_copy(
    update={
        "lead": timedelta(milliseconds=300),
        "point_of_no_return": timedelta(milliseconds=100),
        "quiet_period": timedelta(milliseconds=200),
    }
)
"""What is waited in earnest, once an opening; what the model says does not depend on it."""

UNDER_WAY = (RegistrationStatus.PENDING, RegistrationStatus.EXECUTING)


class FamilyWorld:
    """One world, and the ways in which time passes in it.

    Attributes:
        stranger: another parent, who must never get anything.
    """

    def __init__(self, world: World, children: tuple[UUID, UUID], stranger: UUID) -> None:
        self.world = world
        self.children = children
        self.stranger = stranger

    @classmethod
    async def build(cls, env: WorkflowEnvironment) -> "FamilyWorld":
        """Everything but the worker."""
        world = await build_world(env, QUICK)
        brother = NewChild(first_name="Leo", last_name="Lind", birth_date=date(2015, 9, 1))
        second = await world.door.family.add_child(world.user, brother)
        stranger = await world.records.user_for("https://issuer.test/", "local|mallory")
        found = await world.records.program("swim-club", "prod1", ROOMY)
        assert found is not None
        other = found.program.model_copy(
            update={"id": UUID(int=2), "event_id": FULL_SOON, "name": "Diving"}
        )
        await world.records.save_program(other)
        starts, ends = other.starts_at, other.ends_at
        world.event.seats = PLACES[ROOMY]
        world.provider.add_event(
            FakeEvent("prod1", FULL_SOON, starts, ends, seats=PLACES[FULL_SOON])
        )
        return cls(world, (world.child.id, second.id), stranger)

    @property
    def now(self) -> datetime:
        """The parent's time."""
        return self.world.clock.outside

    async def draft(self, event: str, children: tuple[UUID, ...], ahead: timedelta) -> DraftAnswer:
        """Schedule it for an opening so much later than now."""
        request = ScheduleRequest(
            org_ref="swim-club",
            program_ref="prod1",
            event_id=event,
            child_ids=children,
            max_total_cents=50_000,
            scheduled_time=(self.now + ahead).isoformat(),
            time_zone="America/New_York",
        )
        return await self.world.door.drafts.schedule(self.world.user, request)

    async def shown(self, registration_id: UUID) -> RegistrationAnswer:
        """As the parent sees it."""
        return await self.world.door.registrations.get(self.world.user, registration_id)

    async def has_opened(self, registration_id: UUID) -> Registration:
        """Wait until the opening has had its effect; the row then."""
        rows = self.world.records.rows
        await eventually(lambda: rows[registration_id].status not in UNDER_WAY)
        return rows[registration_id]

    async def fee_is(self, registration_id: UUID, fee: FeeStatus) -> None:
        """Wait until its fee stands so."""
        rows = self.world.records.rows
        await eventually(lambda: rows[registration_id].fee_status is fee)

    async def is_over(self, registration_id: UUID) -> None:
        """Wait until its run is closed. Waiting for its result would let time be skipped."""
        run = self.world.run(registration_id)
        async with asyncio.timeout(30):
            while (await run.describe()).status is WorkflowExecutionStatus.RUNNING:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
