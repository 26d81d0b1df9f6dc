"""Record the histories of erasures that are missing: `python -m tests.replay.record_erasures`.

One is over within hours: a history that no longer replays hurts only those at work while a release
goes out.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

from domain.erasures import AccountPurge, ErasureOrder
from domain.errors import Rejected
from domain.identifiers import erasure_notice_workflow_id
from tests.backups import vault
from tests.replay.record import keep
from tests.workflows.purging import FakeHistories, night
from tests.workflows.time_skipping import time_skipping_server
from tests.workflows.world import World, build_world
from workflows.entities import entity_id
from workflows.erasure import ErasureWorkflow
from workflows.jobs.account_purge import AccountPurgeWorkflow
from workflows.queues import MAINTENANCE

HISTORIES = Path(__file__).parent / "histories" / "erasures"

AT_ONCE = timedelta()


async def account_erased(world: World) -> str:
    await world.records.ask_erasure(world.user, AT_ONCE)
    await world.until(await world.env.get_current_time() + timedelta(minutes=1))
    await night(world)
    return entity_id("erasure", world.user)


async def night_over(world: World) -> str:
    await world.records.ask_erasure(world.user, AT_ONCE)
    await world.until(await world.env.get_current_time() + timedelta(minutes=1))
    run = await world.client.start_workflow(
        AccountPurgeWorkflow.run, AccountPurge(), id="account-purge", task_queue=MAINTENANCE
    )
    await run.result()
    return run.id


async def account_put_off(world: World) -> str:
    await world.scheduled(timedelta(seconds=30))
    await world.records.ask_erasure(world.user, timedelta(minutes=1))
    world.records.erasures[world.user] = world.records.erasures[world.user].model_copy(
        update={"due_at": world.records.now()}
    )
    return await _erasure(world)


async def erased_without_organisers(world: World) -> str:
    registration_id = await world.scheduled(timedelta(days=1))
    await world.door.changes.cancel(world.user, registration_id)
    await world.records.ask_erasure(world.user, AT_ONCE)
    world.provider.script.fail_next("forget", Rejected("refused", "not by us"), times=10)
    return await _erasure(world, patience=AT_ONCE)


async def wish_told(world: World) -> str:
    await world.door.deletions.request(world.user)
    run = world.client.get_workflow_handle(erasure_notice_workflow_id(world.user))
    await run.result()
    return run.id


async def _erasure(world: World, patience: timedelta = timedelta(days=3)) -> str:
    run = await world.client.start_workflow(
        ErasureWorkflow.run,
        ErasureOrder(user_id=world.user, patience=patience),
        id=entity_id("erasure", world.user),
        task_queue=MAINTENANCE,
    )
    await run.result()
    return run.id


STORIES: tuple[Callable[[World], Awaitable[str]], ...] = (
    account_erased,
    night_over,
    account_put_off,
    erased_without_organisers,
    wish_told,
)


async def record(story: Callable[[World], Awaitable[str]]) -> None:
    with mock.patch("served.Histories", FakeHistories), TemporaryDirectory() as folder:
        async with time_skipping_server() as env:
            world = await build_world(env)
            async with world.served(backups=vault(Path(folder)).archive):
                workflow_id = await story(world)
                run = world.client.get_workflow_handle(workflow_id)
                await keep(run, HISTORIES / f"{story.__name__}.json")


async def main() -> None:
    for story in STORIES:
        if not (HISTORIES / f"{story.__name__}.json").exists():
            await record(story)
            print(f"recorded {story.__name__}")  # noqa: T201 - a command's answer


if __name__ == "__main__":
    asyncio.run(main())
