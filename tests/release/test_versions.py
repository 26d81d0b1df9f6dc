"""Versions of our workers on a real Temporal: who gets the work, before and after a promotion."""

import asyncio
from datetime import date, timedelta
from uuid import UUID

import pytest
from temporalio.client import Client, WorkflowHandle

from console.doctor.findings import State
from console.doctor.pollers import judged
from console.releases import promoting
from console.schedules.applying import apply_schedules
from console.schedules.steering import trigger_schedule
from console.task_queues import look_at_queues
from domain.family import NewChild
from release import Release
from tests.console.command_line import CommandLine
from tests.release.conftest import DEPLOYMENT
from tests.workflows.world import World
from workflows.jobs.sweep_letters import JOB
from workflows.queues import QUEUES, REGISTRATIONS

ONE, TWO = Release("one", DEPLOYMENT), Release("two", DEPLOYMENT)


async def _builds(run: WorkflowHandle[object, object]) -> list[str]:
    """The build that decided each of its workflow tasks so far."""
    return [
        done.deployment_version.build_id or "unversioned"
        for event in (await run.fetch_history()).events
        if event.HasField("workflow_task_completed_event_attributes")
        for done in [event.workflow_task_completed_event_attributes]
    ]


async def _moved(world: World, registration_id: UUID) -> str:
    """Have it decide something; the build that did."""
    row = await world.records.registration(registration_id)
    later = world.event.opens_at = row.scheduled_time + timedelta(days=1)
    await world.door.changes.reschedule(world.user, registration_id, later.isoformat(), None)
    return (await _builds(world.run(registration_id)))[-1]


async def _begun_now(world: World) -> WorkflowHandle[object, object]:
    """The run of a registration that is confirmed now, for another child."""
    child = await world.door.family.add_child(
        world.user, NewChild(first_name="Kim", last_name="Lind", birth_date=date(2018, 5, 4))
    )
    draft = await world.draft(timedelta(days=30), children=(child.id,))
    await world.confirm(draft)
    return world.run(draft.registration_id)


async def _of_a_schedule(client: Client) -> str:
    """The build that did a job whose schedule began it now."""
    begun = await trigger_schedule(client, JOB.id)
    assert begun.run is not None
    run = client.get_workflow_handle(begun.run)
    await run.result()
    return (await _builds(run))[-1]


async def _judgement(client: Client) -> tuple[State, str]:
    """What the doctor thinks of the registrations' queue."""
    states = await look_at_queues(client)
    finding = judged(REGISTRATIONS, [each for each in states if each.queue == REGISTRATIONS])
    return finding.state, f"{finding.sentence} {finding.remedy}"


async def test_sleepers_and_what_is_new_go_to_the_build_that_is_promoted_and_back(
    world: World, starter: CommandLine
) -> None:
    async with world.served():
        asleep = await world.scheduled(timedelta(days=30))
        async with world.served(release=ONE):
            assert await _moved(world, asleep) == "unversioned"

            first = await starter.json("release", "promote", "one", "--wait", 30)

            assert first == {"deployment": "house", "current": "one", "before": "unversioned"}
            assert await _moved(world, asleep) == "one"
            async with world.served(release=TWO):
                await starter.json("release", "promote", "--wait", 30)
                assert await _moved(world, asleep) == "two"
                assert set(await _builds(await _begun_now(world))) == {"two"}
                await apply_schedules(world.client, [JOB])
                assert await _of_a_schedule(world.client) == "two"

                listed = await starter.json("release", "list")

                assert (listed["current"], listed["own_build"]) == ("two", "two")
                assert {each["build"]: each["unasked"] for each in listed["builds"]} == {
                    "one": [],
                    "two": [],
                }
                await starter.json("release", "back")
                assert await _moved(world, asleep) == "one"
        returned = await starter.json("release", "promote", "unversioned")
        assert returned["before"] == "one"
        assert await _moved(world, asleep) == "unversioned"


async def test_a_promotion_waits_until_temporal_has_heard_of_the_workers_that_ask(
    world: World, starter: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_current, refused = promoting._set_current, list[str]()  # pyright: ignore[reportPrivateUsage]

    async def not_heard_of_at_first(client: Client, deployment: str, build: str) -> None:
        if not refused:
            refused.append(build)
            raise promoting.NobodyAsks("it is missing active task queues from the current version")
        await set_current(client, deployment, build)

    monkeypatch.setattr(promoting, "_set_current", not_heard_of_at_first)
    async with world.served(release=TWO):
        promoted = await starter.json("release", "promote", "--wait", 30)

    assert (refused, promoted["current"]) == (["two"], "two")


async def test_a_build_is_not_promoted_while_a_queue_of_ours_has_no_worker_of_it(
    world: World, starter: CommandLine
) -> None:
    all_but_letters = [queue for queue in QUEUES if queue != "letters"]
    async with world.served(release=TWO, queues=all_but_letters):
        refused = await starter.run("release", "promote", "--wait", 2)
        assert refused.exit_code == 1
        assert "No worker of build two of house asks for letters (activities)" in refused.stderr
        assert "nothing was changed" in refused.stderr
        unknown = await starter.run("release", "promote", "three")
        assert "of build three of house asks for registrations (workflows)," in unknown.stderr
        assert (await starter.json("release", "list"))["current"] == "unversioned"
        back = await starter.run("release", "back")
        assert "No other build of house was ever current" in back.stderr

        state, said = await _judgement(world.client)

        assert state is State.FAIL
        assert "none of which is current (build two)" in said
        assert "release promote" in said


async def test_the_doctor_tells_of_a_current_build_whose_workers_are_gone(
    world: World, starter: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with world.served(release=TWO):
        await starter.json("release", "promote", "--wait", 30)
        assert (await _judgement(world.client))[0] is State.PASS
    # Temporal remembers for minutes who asked.
    monkeypatch.setattr("console.task_queues.GONE_AFTER", timedelta())
    await asyncio.sleep(0.1)

    state, said = await _judgement(world.client)

    assert state is State.FAIL
    assert "to build two of house alone, and no worker of it asks" in said


async def test_without_a_deployment_nothing_is_promoted(
    starter: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WORKER_DEPLOYMENT")

    refused = await starter.run("release", "promote")

    assert refused.exit_code == 2
    assert refused.stderr.startswith("WORKER_DEPLOYMENT is missing: name of the worker deployment")
