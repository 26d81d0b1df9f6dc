"""One opening: so many registrations, spread over so many accounts, due at one instant."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from bench.families import Family
from bench.provider import CATEGORY, COURSE, PRICE_CENTS, TIME_ZONE, organisation
from bench.world import World
from domain.answers import DraftAnswer
from domain.programs import Program
from domain.schedule_request import ScheduleRequest

ENOUGH_CENTS = 100_000
AT_ONCE = 8


@dataclass(frozen=True)
class Place:
    """What one family wants."""

    family: Family
    account: int
    program: Program


@dataclass(frozen=True)
class Opening:
    """The programs that open, and who wants a place."""

    at: datetime
    accounts: int
    places: tuple[Place, ...]


async def announce(
    world: World, families: Sequence[Family], at: datetime, *, accounts: int
) -> Opening:
    """Offer new programs at the provider and in our catalogue.

    Args:
        world: where.
        families: each wants one place.
        at: when all of them open.
        accounts: the families' wishes go to these in turn.
    """
    programs = programs_at(accounts, at)
    await offer(world, programs, capacity=len(families))
    places = [Place(family, *programs[number % accounts]) for number, family in enumerate(families)]
    return Opening(at, accounts, tuple(places))


async def offer(world: World, programs: Sequence[tuple[int, Program]], *, capacity: int) -> None:
    """Have the programs, each at its account, both at the provider and in our catalogue."""
    records = world.door.records
    await world.progress.each(
        "organisations",
        [records.save_provider_account(organisation(account)) for account, _ in programs],
        AT_ONCE,
    )
    saving = [records.save_program(program) for _, program in programs]
    await world.progress.each("programs", saving, AT_ONCE)
    await asyncio.to_thread(world.provider.put_events, programs, capacity)


def programs_at(accounts: int, opens_at: datetime | None) -> list[tuple[int, Program]]:
    """A new program at each of the first accounts, with its account; None: always open."""
    return [(account, program_at(account, opens_at)) for account in range(accounts)]


async def drafted(world: World, place: Place) -> DraftAnswer:
    """The family's wish as a draft, as the chat makes it."""
    return await world.door.drafts.schedule(
        place.family.user_id,
        ScheduleRequest(
            org_ref=place.program.org_ref,
            program_ref=place.program.program_ref,
            event_id=place.program.event_id,
            child_ids=(place.family.child_id,),
            max_total_cents=ENOUGH_CENTS,
        ),
    )


def program_at(account: int, opens_at: datetime | None) -> Program:
    """A new program at that account; None: always open."""
    starts = (opens_at or datetime.now(UTC).replace(microsecond=0)) + timedelta(days=30)
    return Program(
        id=uuid4(),
        provider=organisation(account).provider,
        org_ref=organisation(account).org_ref,
        program_ref=COURSE,
        event_id=f"bench-{uuid4().hex[:12]}",
        name="Swimming",
        starts_at=starts,
        ends_at=starts + timedelta(hours=1),
        time_zone=TIME_ZONE,
        opens_at=opens_at,
        price_cents=PRICE_CENTS,
        people_category=CATEGORY,
    )
