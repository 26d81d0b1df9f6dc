"""The drill: what the previous release began, this one finishes, once.

Families confirm registrations with blue, the previous release; green, this one, is deployed and
started beside it; then blue is told to stop with SIGTERM, at a moment that meets every registration
at another step of its way.
"""

import asyncio
import random
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from domain.identifiers import registration_workflow_id
from release import build_of_sources
from sandbox.up import Stack
from tests.release.previous import check_out
from tests.release.programs import Programs, deploy
from tests.stack.command_line import printed, starter
from tests.stack.once import assert_happened_once, assert_trails_hold
from tests.stack.parent import Draft, Parent, new_parent
from tests.stack.world import PAY, SEND, World, at_hand

CONFIRMED_WITHIN = timedelta(seconds=60)
"""From the first draft to the SIGTERM: all are confirmed by then, also on a busy machine."""

WAITING_SINCE = timedelta(seconds=25)
"""Those that wait for somebody at the SIGTERM open so long before it."""

FINISHED_WITHIN = 150.0
SLOW_ANSWER_MS = 5_000
"""Of Bookeo and Stripe, for those that are met by the SIGTERM while they wait for it."""


def moments(seed: int) -> dict[str, float]:
    """Seconds from the SIGTERM to the opening of each registration."""
    drawn = random.Random(seed)  # noqa: S311 - repeatable on purpose
    return {
        "charging": drawn.uniform(-3.5, -2.5),
        "sent": drawn.uniform(-2.5, -1.0),
        "at the instant": drawn.uniform(-0.2, 0.2),
        "past the point of no return": drawn.uniform(0.5, 1.8),
        "armed": drawn.uniform(5.0, 12.0),
        "being armed": drawn.uniform(19.0, 22.0),
        "looking ahead": drawn.uniform(35.0, 50.0),
        "asleep": drawn.uniform(80.0, 90.0),
    }


@dataclass(frozen=True)
class Families:
    """Registrations that blue began."""

    parent: Parent
    drafts: dict[str, Draft]
    """By where the SIGTERM meets them."""
    owes: Parent
    due: Draft
    """Booked, and its card declined."""
    unclear: Draft
    """The organiser was asked to approve it: a person decides."""

    @classmethod
    async def confirmed(cls, world: World, stop_at: datetime, seed: int) -> "Families":
        parent, owes = await asyncio.gather(
            new_parent(world, "upgrade"), new_parent(world, "owes", "declined_when_charged")
        )
        soon = stop_at - WAITING_SINCE
        due = await owes.draft(soon - datetime.now(UTC))
        unclear = await parent.draft(soon - datetime.now(UTC))
        drafts = {
            name: await parent.draft(stop_at + timedelta(seconds=seconds) - datetime.now(UTC))
            for name, seconds in moments(seed).items()
        }
        late = {"kind": "latency_after_ms", "ms": SLOW_ANSWER_MS}
        sent, charging = drafts["sent"].reference, drafts["charging"].fee(1)
        world.bookeo.add_fault(**late, endpoint=SEND, reference=sent)  # pyright: ignore[reportArgumentType]  # the constant above
        world.stripe.add_fault(**late, endpoint=PAY, reference=charging)  # pyright: ignore[reportArgumentType]  # likewise
        world.bookeo.add_fault("pending_approval", reference=unclear.reference)
        await asyncio.gather(
            owes.confirm(due), *(parent.confirm(draft) for draft in (unclear, *drafts.values()))
        )
        return cls(parent, drafts, owes, due, unclear)


@dataclass(frozen=True)
class Drill:
    """One world, and both releases' programs in it; `tell` hears how it goes."""

    world: World
    programs: Programs
    tell: Callable[[str], None]

    async def play(self, seed: int) -> None:
        """Raises AssertionError: something was lost, or happened twice."""
        await self.programs.start_worker("blue")
        await self.programs.serve_chats("blue")
        self.tell("blue, the previous release, takes registrations")
        stop_at = datetime.now(UTC) + CONFIRMED_WITHIN
        families = await Families.confirmed(self.world, stop_at, seed)
        await self.programs.start_worker("green")
        self.tell("green, this release, works beside it")
        left = (stop_at - datetime.now(UTC)).total_seconds()
        assert left > 0, f"This machine is too busy for the drill: {-left:.0f} s too late."
        await asyncio.sleep(left)
        await self.programs.end_worker("blue")
        self.tell("blue was stopped by SIGTERM, and ended in order")
        await self.programs.serve_chats("green")
        for name, draft in families.drafts.items():
            await assert_happened_once(families.parent, draft, FINISHED_WITHIN)
            self.tell(f"{name}: {await self._who(draft)}")
        await self._paid_at_last(families)
        await self._decided_at_last(families)
        assert_trails_hold(self.world, *families.drafts.values(), families.due, families.unclear)
        for simulator in (self.world.bookeo, self.world.stripe):
            assert not simulator.invariants().violations

    async def _paid_at_last(self, families: Families) -> None:
        parent, draft = families.owes, families.due
        await parent.until(draft, FINISHED_WITHIN, status="completed", fee_status="due")
        await parent.save_card("success")
        paid = await parent.answer("retry_fee", registration_id=str(draft.id))
        assert paid["fee_status"] == "paid", paid
        self.tell(f"with its fee due: {await self._who(draft)}")

    async def _decided_at_last(self, families: Families) -> None:
        draft = families.unclear
        await families.parent.until(draft, FINISHED_WITHIN, status="needs_review")
        case = printed(starter(self.world, "review", "show", draft.code, "--json"))
        self.world.bookeo.cancel_by_business(case["provider_shows"][0]["booking_number"])
        decide = ("review", "resolve", draft.code, "--by", "kim", "--not-booked", "--json")
        assert printed(starter(self.world, *decide))["status"] == "failed"
        self.tell(f"in review: {await self._who(draft)}")

    async def _who(self, draft: Draft) -> str:
        """Which release began the run, and which decided last."""
        client = await self.world.temporal()
        handle = client.get_workflow_handle(registration_workflow_id(draft.id))
        builds = [
            done.deployment_version.build_id or done.worker_version.build_id
            for event in (await handle.fetch_history()).events
            if event.HasField("workflow_task_completed_event_attributes")
            for done in [event.workflow_task_completed_event_attributes]
        ]
        green = build_of_sources()
        assert builds[0] != green, "This release began it, not the previous one."
        return "begun by blue, ended by " + ("green" if builds[-1] == green else "blue")


@asynccontextmanager
async def ground(folder: Path, blue: Path) -> AsyncGenerator[World]:
    """A world as the previous release left it, without programs of ours."""

    def deploy_blue(env: Mapping[str, str]) -> None:
        deploy(blue, env)

    with (
        Stack(folder, without={"worker", "mcp"}, deploy=deploy_blue) as stack,
        at_hand(stack) as world,
    ):
        yield world


async def played(folder: Path, *, seed: int, versioned: bool, tell: Callable[[str], None]) -> None:
    """The whole drill, in that empty folder.

    Raises:
        NotHere: this clone does not have the previous release.
        AssertionError: a registration was lost, or something of it happened twice.
    """
    blue = check_out(folder / "blue")
    async with ground(folder / "world", blue) as world:
        programs = Programs(world, blue, versioned=versioned)
        try:
            await Drill(world, programs, tell).play(seed)
        finally:
            programs.stop()
