"""The table against a real Temporal: planned, applied, guarded, pruned."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import time, timedelta
from typing import Any
from unittest import mock

import pytest
from temporalio.client import (
    Client,
    ScheduleActionStartWorkflow,
    ScheduleOverlapPolicy,
    ScheduleRange,
    ScheduleUpdate,
    ScheduleUpdateInput,
)

from console.schedules.applying import apply_schedules, prune_schedules
from console.schedules.known import find
from console.schedules.linting import UnclearTimes
from console.schedules.planning import Change, NewerSchedules, Plan, plan_schedules
from domain.recurrence import BUSINESS, Daily, Every
from tests.console.command_line import CommandLine
from tests.schedules.ledger import TallyOrder
from tests.schedules.tally import tally_job
from workflows.recurring import Job
from workflows.schedules import JOBS, VERSION

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def table(order: TallyOrder) -> tuple[Job, ...]:
    """A job of each kind that a row can be."""
    morning = Daily(at=(time(8), time(20, 30, 15)), zone=BUSINESS).in_zone("America/New_York")
    later = {"overlap": ScheduleOverlapPolicy.BUFFER_ONE, "catch_up": timedelta(hours=24)}
    return (
        tally_job("minutely", order, when=Every(MINUTE), jitter=timedelta(seconds=10)),
        tally_job("mornings", order, when=morning),
        tally_job("nightly", order, when=Daily(at=(time(2, 30),)), **later),
    )


async def _changes(client: Client, jobs: Sequence[Job], **options: Any) -> list[Change]:
    return [one.change for one in await apply_schedules(client, jobs, **options)]


async def _what_differs(client: Client, jobs: Sequence[Job]) -> dict[str, dict[str, object]]:
    plan = await plan_schedules(client, jobs)
    return {
        one.id: {each.what: (each.now, each.declared) for each in one.differences}
        for one in plan.jobs
        if one.differences
    }


async def test_what_the_server_fills_in_and_rewrites_is_no_change(
    client: Client, table: tuple[Job, ...]
) -> None:
    assert await _changes(client, table) == [Change.CREATED] * 3

    assert await _what_differs(client, table) == {}
    assert await _changes(client, table) == [Change.UNCHANGED] * 3


async def test_the_same_times_written_otherwise_are_no_change(
    client: Client, table: tuple[Job, ...]
) -> None:
    await apply_schedules(client, table)

    def rewritten(asked: ScheduleUpdateInput) -> ScheduleUpdate:
        schedule = asked.description.schedule
        (calendar,) = schedule.spec.calendars
        calendar.month = [ScheduleRange(7, 12), ScheduleRange(1, 11, 2), ScheduleRange(2, 6, 2)]
        calendar.comment = "every night"
        schedule.spec.time_zone_name = None
        return ScheduleUpdate(schedule)

    await client.get_schedule_handle("nightly").update(rewritten)

    assert await _what_differs(client, table) == {}


async def test_a_plan_says_what_differs_and_changes_nothing(
    client: Client, table: tuple[Job, ...]
) -> None:
    minutely, mornings, nightly = table
    await apply_schedules(client, (minutely, mornings))
    changed = (
        replace(minutely, catch_up=HOUR, note="Takes more steps"),
        replace(mornings, when=Daily(at=(time(9),), zone="Europe/Berlin")),
        nightly,
    )

    for _ in range(2):
        assert await _what_differs(client, changed) == {
            "minutely": {
                "catch-up window": ("0:00:20", "1:00:00"),
                "note": ("Takes steps (minutely)", "Takes more steps"),
                "summary": (None, None),
            },
            "mornings": {
                "times": ("at 08:00:00; at 20:30:15", "at 09:00:00"),
                "zone": ("America/New_York", "Europe/Berlin"),
            },
        }
    plan = await plan_schedules(client, changed)
    assert [one.change for one in plan.jobs] == [Change.CHANGED, Change.CHANGED, Change.CREATED]


async def test_applying_keeps_a_pause_its_reason_and_what_is_known_of_the_runs(
    client: Client, table: tuple[Job, ...], starter: CommandLine
) -> None:
    await apply_schedules(client, table)
    await starter.run("schedules", "trigger", "nightly")
    handle = client.get_schedule_handle("nightly")
    await handle.pause(note="the night shift is on holiday")
    before = (await handle.describe()).info

    (applied,) = await apply_schedules(client, [replace(table[2], catch_up=HOUR)])

    after = await handle.describe()
    assert (applied.change, applied.paused) == (Change.CHANGED, True)
    assert after.schedule.policy.catchup_window == HOUR
    assert after.schedule.state.note == "the night shift is on holiday"
    assert (after.info.created_at, after.info.num_actions) == (before.created_at, 1)
    assert after.info.recent_actions == before.recent_actions


async def test_a_pause_that_comes_while_a_change_is_being_written_stays(
    client: Client, table: tuple[Job, ...]
) -> None:
    await apply_schedules(client, table)
    handle, write = client.get_schedule_handle("nightly"), client.workflow_service.update_schedule
    written: list[object] = []

    async def paused_first(request: Any, **options: Any) -> Any:
        if not written:
            await handle.pause(note="just now")
        written.append(request)
        return await write(request, **options)

    with mock.patch.object(client.workflow_service, "update_schedule", paused_first):
        (applied,) = await apply_schedules(client, [replace(table[2], catch_up=HOUR)])

    described = (await handle.describe()).schedule
    assert (applied.change, applied.paused) == (Change.CHANGED, True)
    assert (described.state.paused, described.state.note) == (True, "just now")
    assert described.policy.catchup_window == HOUR
    assert len(written) == 2


async def test_an_older_release_cannot_put_back_what_a_newer_one_applied(
    client: Client, table: tuple[Job, ...]
) -> None:
    newer = (replace(table[0], catch_up=HOUR), *table[1:])
    await apply_schedules(client, newer, version=VERSION + 1)

    with pytest.raises(NewerSchedules, match=rf"version {VERSION + 1} .* declares {VERSION}"):
        await apply_schedules(client, table)
    with pytest.raises(NewerSchedules):
        await prune_schedules(client, table[:1])

    kept = await client.get_schedule_handle("minutely").describe()
    assert kept.schedule.policy.catchup_window == HOUR
    assert await _changes(client, newer, version=VERSION + 1) == [Change.UNCHANGED] * 3


async def test_an_older_release_that_was_gone_back_to_for_good_may(
    client: Client, table: tuple[Job, ...]
) -> None:
    await apply_schedules(client, table, version=VERSION + 1)

    assert await _changes(client, table, go_back=True) == [Change.CHANGED] * 3

    assert await _changes(client, table) == [Change.UNCHANGED] * 3


async def test_a_newer_release_stamps_also_what_it_did_not_change(
    client: Client, table: tuple[Job, ...]
) -> None:
    """So that the release before cannot bring back what the newer one took away."""
    await apply_schedules(client, table)

    assert await _changes(client, table, version=VERSION + 1) == [Change.CHANGED] * 3

    known = await find(client, "nightly")
    assert known is not None
    assert known.version == VERSION + 1


async def _plan_when_listed(client: Client, jobs: Sequence[Job], *names: str) -> Plan:
    """Temporal lists what was just made a moment later."""
    async with asyncio.timeout(30):
        while True:
            plan = await plan_schedules(client, jobs)
            if {*names} <= {one.id async for one in await client.list_schedules()}:
                return plan
            await asyncio.sleep(0.05)


async def test_pruning_deletes_what_is_declared_no_more_and_only_what_is_ours(
    client: Client, table: tuple[Job, ...]
) -> None:
    await apply_schedules(client, table)
    stranger = table[0].schedule(VERSION)
    assert isinstance(stranger.action, ScheduleActionStartWorkflow)
    stranger.action.memo = None
    await client.create_schedule("somebody-elses", stranger)
    await _plan_when_listed(client, table, "somebody-elses", "minutely", "mornings", "nightly")

    plan = await plan_schedules(client, table[2:])
    pruned = await prune_schedules(client, table[2:])

    assert {"minutely", "mornings"} <= {*plan.left_over} == {*pruned}
    assert not {"nightly", "somebody-elses"} & {*pruned}
    for name, there in (("minutely", False), ("nightly", True), ("somebody-elses", True)):
        assert (await find(client, name) is not None) is there


async def test_a_table_with_an_unclear_time_is_not_applied_at_all(
    client: Client, table: tuple[Job, ...]
) -> None:
    night = replace(table[1], when=Daily(at=(time(2, 30),), zone="America/New_York"))

    with pytest.raises(UnclearTimes, match="02:30 does not exist in America/New_York on 20"):
        await apply_schedules(client, (table[0], night))

    assert await find(client, "minutely") is None


async def test_the_commands_plan_apply_and_prune_what_the_release_declares(
    client: Client, starter: CommandLine, order: TallyOrder
) -> None:
    planned = (await starter.run("schedules", "plan")).stdout
    await apply_schedules(client, [tally_job("of-yesterday", order)])
    await _plan_when_listed(client, JOBS, "of-yesterday")
    applied = await starter.json("schedules", "apply")
    again = await starter.json("schedules", "plan")
    pruned = (await starter.run("schedules", "prune")).stdout

    assert planned.count("create") == len(JOBS)
    assert [one["change"] for one in applied] == ["created"] * len(JOBS)
    assert {one["change"] for one in again["jobs"]} == {"unchanged"}
    assert "of-yesterday" in again["left_over"]
    assert "of-yesterday" in pruned
    assert (await starter.json("schedules", "plan"))["left_over"] == []


async def test_the_command_refuses_in_words_and_tells_the_way_back(
    client: Client, starter: CommandLine, order: TallyOrder
) -> None:
    await apply_schedules(client, [tally_job("of-tomorrow", order)], version=VERSION + 1)
    await _plan_when_listed(client, JOBS, "of-tomorrow")

    refused = await starter.run("schedules", "apply")
    planned = await starter.run("schedules", "plan")
    taken = await starter.run("schedules", "apply", "--go-back")
    kept = await starter.run("schedules", "prune")
    pruned = await starter.run("schedules", "prune", "--go-back")

    assert refused.exit_code == 1
    assert "of a newer release" in refused.stderr
    assert "--go-back" in refused.stderr
    assert "Apply is refused" in planned.stdout
    assert (taken.exit_code, "(created)" in taken.stdout) == (0, True)
    assert (kept.exit_code, "prune --go-back" in kept.stderr) == (1, True)
    assert (pruned.exit_code, "of-tomorrow" in pruned.stdout) == (0, True)
    assert await find(client, "of-tomorrow") is None
