"""The stories of an evening, each of which ends as something that an operator asks for."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from console.schedules.applying import apply_schedules
from console.schedules.steering import trigger_schedule
from domain.refusals import Refused
from domain.states import RegistrationStatus
from domain.sweeps import ProviderNotice
from tests.web_ui.evening import Evening, evening_world
from tests.workflows.reviews import nothing_found, resolve
from tests.workflows.world import card, save_card
from workflows.jobs.sweep_letters import JOB

Story = Callable[[Evening, str], Coroutine[Any, Any, None]]

OPENS_IN = timedelta(seconds=8)
"""Long enough for every confirm before it."""

UNTIL_NINE = timedelta(minutes=30)


async def _kept_there(evening: Evening, name: str) -> None:
    await evening.confirmed(name)
    await evening.is_now(name, RegistrationStatus.COMPLETED)
    with suppress(Refused):
        await evening.world.door.changes.cancel(evening.world.user, evening.rows[name])


async def _cancelled_asleep(evening: Evening, name: str) -> None:
    await evening.confirmed(name, timedelta(days=3))
    await evening.world.door.changes.cancel(evening.world.user, evening.rows[name])


async def _given_back(evening: Evening, name: str) -> None:
    await evening.confirmed(name)
    await evening.is_now(name, RegistrationStatus.COMPLETED)
    await evening.world.door.changes.cancel(evening.world.user, evening.rows[name])


async def _unpaid(evening: Evening, name: str) -> None:
    await evening.unpaid(name)


async def _paid_later(evening: Evening, name: str) -> None:
    user, world = await evening.unpaid(name), evening.world
    await save_card(world.door, world.payments, user, card(3))
    await world.door.changes.retry_fee(user, evening.rows[name])
    await world.run(evening.rows[name]).result()


async def _unclear(evening: Evening, name: str) -> None:
    await evening.confirmed(name)
    await evening.is_now(name, RegistrationStatus.NEEDS_REVIEW)
    await evening.knows_that_a_person_must_look(name)


async def _refusal_unwritten(evening: Evening, name: str) -> None:
    await evening.confirmed(name, seats=0)
    await evening.is_now(name, RegistrationStatus.NEEDS_REVIEW)
    await evening.knows_that_a_person_must_look(name)


async def _unclear_then_decided(evening: Evening, name: str) -> None:
    await _unclear(evening, name)
    await resolve(evening.world, nothing_found(evening.rows[name]))


async def _unclear_then_decided_without_its_run(evening: Evening, name: str) -> None:
    await _unclear(evening, name)
    await evening.world.run(evening.rows[name]).terminate("lost with the server's data")
    await resolve(evening.world, nothing_found(evening.rows[name]))


async def _broken(evening: Evening, name: str) -> None:
    await evening.confirmed(name, timedelta(days=5))
    await evening.world.run(evening.rows[name]).terminate("by mistake")


async def _noticed(evening: Evening, name: str) -> None:
    await evening.confirmed(name)
    await evening.is_now(name, RegistrationStatus.COMPLETED)
    notice = ProviderNotice(
        booking_number=evening.row(name).booking_number, read_lag=timedelta(milliseconds=10)
    )
    await evening.world.door.notices.take(name, notice)


async def _opens_at_nine(evening: Evening, name: str) -> None:
    await evening.confirmed(name, UNTIL_NINE)


async def _opens_next_week(evening: Evening, name: str) -> None:
    await evening.confirmed(name, timedelta(days=7), club="art-school")


async def _ended(evening: Evening, name: str, **event: Any) -> None:
    await evening.confirmed(name, **event)
    await evening.world.run(evening.rows[name]).result()


STORIES: dict[str, Story] = {
    "booked": _ended,
    "late": _ended,
    "sold-out": partial(_ended, seats=0),
    "not-opened": partial(_ended, shut=True),
    "unpaid": _unpaid,
    "paid-later": _paid_later,
    "unclear": _unclear,
    "unclear-decided": _unclear_then_decided,
    "unclear-decided-later": _unclear_then_decided_without_its_run,
    "refusal-unwritten": _refusal_unwritten,
    "given-back": _given_back,
    "kept-there": _kept_there,
    "cancelled-asleep": _cancelled_asleep,
    "noticed": _noticed,
    "broken": _broken,
    "at-nine": _opens_at_nine,
    "next-week": _opens_next_week,
}


@asynccontextmanager
async def evening_of(env: Any) -> AsyncGenerator[Evening]:
    """All of the stories played side by side, and the worker that still serves those at work.

    Args:
        env: a server whose time is the real one.
    """
    world = await evening_world(env)
    async with world.served():
        evening = Evening(world, datetime.now(UTC) + OPENS_IN)
        async with asyncio.timeout(60), asyncio.TaskGroup() as group:
            for name, story in STORIES.items():
                group.create_task(story(evening, name))
        await apply_schedules(env.client, [JOB])
        job = await trigger_schedule(env.client, JOB.id)
        assert job.run is not None
        await env.client.get_workflow_handle(job.run).result()
        yield evening
