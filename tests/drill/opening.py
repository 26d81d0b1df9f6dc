"""A short opening in which most go well and a few go wrong, each in its own way."""

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx

from bench.complaint import BenchError
from bench.families import Family, new_family
from bench.opening import Opening, announce
from bench.provider import COURSE, credentials
from bench.systems.registered import confirmed
from bench.systems.signupassist import SignupAssist
from bench.world import World
from domain.identifiers import external_ref

ACCOUNTS, FAMILIES = 6, 12
DECLINED = "declined_when_charged"

CONFIRMED_WITHIN = timedelta(seconds=30)
ENDED_WITHIN_S = 180

LOOKED_AT_BEFORE = timedelta(minutes=15)
"""The later of the two looks that `domain.timing` has a worker take ahead."""

FAULTS = ("throttle", "drop_after", "pending_approval")
"""What becomes of the last ones' bookings: asked to come again, booked without an answer, and left
for the organiser to accept, which a person must look at."""


async def play(world: World) -> Opening:
    """From the first family to the last end.

    Raises:
        BenchError: it did not get so far.
    """
    families = await _families(world)
    way = SignupAssist()
    ahead = CONFIRMED_WITHIN + way.head_start(world.timing)
    at = (datetime.now(UTC) + ahead).replace(microsecond=0)
    opening = await announce(world, families, at, accounts=ACCOUNTS)
    _sell_out(world, opening)
    ids = await confirmed(world, opening.places, way.confirm)
    _disturb(world, ids)
    left = (at - datetime.now(UTC)).total_seconds()
    if left < 0:
        raise BenchError("Preparing took longer than reckoned. Run it on an idle machine.")
    world.progress.say(f"{len(ids)} confirmed; {left:.0f} s to the opening")
    await asyncio.sleep(left)
    deadline = time.monotonic() + ENDED_WITHIN_S
    while world.database.under_way(ids):
        if time.monotonic() > deadline:
            raise BenchError(f"Registrations did not end within {ENDED_WITHIN_S} s.")
        await asyncio.sleep(0.5)
    world.progress.say("all have ended")
    return opening


async def begin_the_next(world: World, family: Family) -> None:
    """Confirm one more, which opens in a quarter of an hour; then its organiser's key is withdrawn.

    The worker looks ahead so long before an opening, and so learns of it.
    """
    at = datetime.now(UTC).replace(microsecond=0) + LOOKED_AT_BEFORE + CONFIRMED_WITHIN / 3
    opening = await announce(world, [family], at, accounts=1)
    await confirmed(world, opening.places, SignupAssist().confirm)
    with world.provider.control() as control:
        control.put_account(
            credentials(0), api_key="withdrawn", secret_key=world.stack.keys.bookeo_secret_key
        )


async def _families(world: World) -> list[Family]:
    async with httpx.AsyncClient(trust_env=False) as browser:
        made = [new_family(world.door, browser) for _ in range(FAMILIES - 1)]
        made.append(new_family(world.door, browser, DECLINED))
        return await world.progress.each("families", made, 4)


def _sell_out(world: World, opening: Opening) -> None:
    """One place for the two that want the first program."""
    program = opening.places[0].program
    with world.provider.control() as control:
        control.put_event(
            COURSE,
            program.event_id,
            account_id=credentials(0),
            starts_at=program.starts_at,
            ends_at=program.ends_at,
            opens_at=program.opens_at,
            capacity=1,
        )


def _disturb(world: World, ids: Sequence[UUID]) -> None:
    """One fault each, of those that neither lose the race for a place nor have a bad card."""
    with world.provider.control() as control:
        for fault, one in zip(FAULTS, ids[1:], strict=False):
            control.add_fault(fault, endpoint="POST /v2/bookings", reference=external_ref(one))
