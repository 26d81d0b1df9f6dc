"""Record the histories of backups that are missing: `python -m tests.replay.record_backups`.

A backup may be at work for hours, also while a release goes out.
"""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from temporalio.client import WorkflowFailureError

from domain.backup_errors import BackupMissing
from domain.backups import BackupState
from tests.backups import Vault, vault
from tests.eventually import eventually
from tests.replay.record import keep
from tests.workflows.backing_up import (
    DAY,
    ONLY_MAINTENANCE,
    becomes_due,
    check,
    clean_up,
    run_of,
    states,
)
from tests.workflows.time_skipping import time_skipping_server
from tests.workflows.world import World, build_world

HISTORIES = Path(__file__).parent / "histories" / "backups"

Story = Callable[[World, Vault], Awaitable[str]]


async def backup_written(world: World, kept: Vault) -> str:
    del kept
    await becomes_due(world)
    await check(world)
    await run_of(world).result()
    return "backup-nightly"


async def backup_not_read_back(world: World, kept: Vault) -> str:
    await becomes_due(world)
    kept.target.script.fail_next("get", BackupMissing("lost"))
    await check(world)
    try:
        await run_of(world).result()
    except WorkflowFailureError:
        return "backup-nightly"
    raise AssertionError("it was to fail")


async def backup_not_cleaned_up_behind(world: World, kept: Vault) -> str:
    await becomes_due(world)
    kept.target.script.fail_next("children", BackupMissing("no such bucket"))
    await check(world)
    await run_of(world).result()
    return "backup-nightly"


async def check_begins_one(world: World, kept: Vault) -> str:
    await backup_written(world, kept)
    return "backup-check"


async def check_skips_one(world: World, kept: Vault) -> str:
    await becomes_due(world, ago=2 * DAY)
    gate = kept.target.script.hold_next("put")
    await check(world)
    await eventually(lambda: states(world) == [BackupState.RUNNING])
    await becomes_due(world)
    await check(world)
    gate.set()
    await run_of(world).result()
    return "backup-check"


async def night_cleaned_up(world: World, kept: Vault) -> str:
    await backup_written(world, kept)
    await clean_up(world)
    return "retention-cleanup"


STORIES: tuple[Story, ...] = (
    backup_written,
    backup_not_read_back,
    backup_not_cleaned_up_behind,
    check_begins_one,
    check_skips_one,
    night_cleaned_up,
)


async def record(story: Story) -> None:
    with tempfile.TemporaryDirectory() as folder:
        kept = vault(Path(folder))
        async with time_skipping_server() as env:
            world = await build_world(env)
            async with world.served(**ONLY_MAINTENANCE, backups=kept.archive):
                workflow_id = await story(world, kept)
                run = world.client.get_workflow_handle(workflow_id)
                await keep(run, HISTORIES / f"{story.__name__}.json")


async def main() -> None:
    for story in STORIES:
        if (HISTORIES / f"{story.__name__}.json").exists():
            continue
        await record(story)
        print(f"recorded {story.__name__}")  # noqa: T201 - a command's answer


if __name__ == "__main__":
    asyncio.run(main())
