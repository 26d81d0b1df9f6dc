import asyncio
import json
from collections.abc import Iterator
from datetime import timedelta
from unittest.mock import AsyncMock

import pytest
from temporalio import activity
from temporalio.client import (
    Client,
    ScheduleActionStartWorkflow,
    ScheduleIntervalSpec,
    ScheduleUpdate,
    ScheduleUpdateInput,
)
from temporalio.common import SearchAttributeKey
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import Worker

from console import namespace
from console.namespace import register_search_attributes
from console.schedules.applying import apply_schedules
from console.task_queues import look_at_queues
from domain.errors import WorkflowsUnreachable
from domain.sweeps import BookingSweep
from gateways.payload_codec import data_converter
from sandbox.programs import NAMES
from sandbox.up import Stack
from tests.console.command_line import CommandLine, new_office
from tests.console.program import starter
from tests.payload_keys import NEW, OLD, payload_keys
from workflows.queues import LETTERS
from workflows.schedules import JOBS, VERSION
from workflows.search_attributes import SEARCH_ATTRIBUTES, STATUS

NEEDED = {"postgres", "temporal"}
SETTINGS = ("DATABASE_URL", "TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE")


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The settings of a real database and a real Temporal to which nothing was deployed."""
    with Stack(
        tmp_path_factory.mktemp("deploy"), without=set(NAMES) - NEEDED, deploy=lambda _: None
    ) as stack:
        yield {name: stack.env[name] for name in SETTINGS}


def test_deploy_needs_two_services_says_what_it_did_and_leaves_the_rest_alone_when_repeated(
    bare: dict[str, str],
) -> None:
    first = starter("deploy", "--json", env=bare)
    again = starter("deploy", env=bare)

    assert (first.returncode, _logged(first.stderr)) == (0, ["command_ended"])
    did = json.loads(first.stdout)
    assert did["migrations_applied"][0].endswith("_foundations.sql")
    assert did["search_attributes_added"] == [key.name for key in SEARCH_ATTRIBUTES]
    assert [one["id"] for one in did["schedules"]] == [job.id for job in JOBS]
    assert {one["change"] for one in did["schedules"]} == {"created"}
    assert (again.returncode, _logged(again.stderr)) == (0, ["command_ended"])
    assert again.stdout.splitlines() == [
        "Migrations applied: none, all were there.",
        "Search attributes added: none, all were there.",
        "Schedules applied: none, all were there.",
    ]


def test_finishing_a_release_that_contracts_nothing_changes_nothing(bare: dict[str, str]) -> None:
    done = starter("deploy", "--finish", env=bare)
    assert (done.returncode, done.stdout) == (0, "Migrations applied: none, all were there.\n")


async def test_a_release_is_not_finished_while_a_worker_of_another_build_asks_for_work(
    bare: dict[str, str], temporal: Client
) -> None:
    asking = Worker(
        temporal, task_queue=LETTERS, activities=[_nothing], build_id="older", identity="9@blue"
    )
    async with asking:
        await eventually_asked(temporal)
        refused = await asyncio.to_thread(
            starter, "deploy", "--finish", env=bare | {"WORKER_BUILD_ID": "newer"}
        )
        insisted = await asyncio.to_thread(starter, "deploy", "--finish", "--yes", env=bare)

    assert refused.returncode == 1
    assert "another build than this release's, newer, are at work: older (9@blue)" in refused.stderr
    assert insisted.returncode == 0


@activity.defn
async def _nothing() -> None:
    pass


async def eventually_asked(temporal: Client) -> None:
    async with asyncio.timeout(30):
        while not any(state.at_work for state in await look_at_queues(temporal)):  # noqa: ASYNC110 - the other side is another process
            await asyncio.sleep(0.05)


async def test_a_namespace_that_lets_nobody_add_search_attributes_is_told_with_what_to_type(
    bare: dict[str, str], temporal: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As Temporal Cloud does. Which are missing is then found by asking for each."""
    assert starter("deploy", env=bare).returncode == 0
    closed = AsyncMock(side_effect=RPCError("unauthorized", RPCStatusCode.PERMISSION_DENIED, b""))
    monkeypatch.setattr(temporal.operator_service, "list_search_attributes", closed)
    monkeypatch.setattr(temporal.operator_service, "add_search_attributes", closed)
    assert await register_search_attributes(temporal) == []

    unknown = (STATUS, SearchAttributeKey.for_int("SignupNobodys"))
    monkeypatch.setattr(namespace, "SEARCH_ATTRIBUTES", unknown)
    with pytest.raises(WorkflowsUnreachable) as refused:
        await register_search_attributes(temporal)

    said = str(refused.value)
    assert "1 of ours are missing" in said
    assert 'add --namespace default --sa "SignupNobodys=Int" ' in said
    assert "create --namespace default --name SignupNobodys --type Int." in said


def test_deploy_says_that_the_schema_was_applied_although_temporal_refused(
    bare: dict[str, str],
) -> None:
    done = starter("deploy", env=bare | {"TEMPORAL_NAMESPACE": "nobodys"})

    assert done.returncode == 1
    assert done.stdout.startswith("Migrations applied: ")
    assert "namespace nobodys" in done.stderr


def _logged(stderr: str) -> list[str]:
    return [json.loads(line)["event"] for line in stderr.splitlines()]


@pytest.fixture
async def temporal(bare: dict[str, str]) -> Client:
    return await Client.connect(bare["TEMPORAL_ADDRESS"], data_converter=data_converter())


@pytest.fixture
async def schedules(bare: dict[str, str]) -> CommandLine:
    """The operator's command line over that Temporal, every schedule applied."""

    async def connect() -> Client:
        return await Client.connect(bare["TEMPORAL_ADDRESS"], data_converter=data_converter())

    office = await new_office(connect)
    await office.starter.run("schedules", "apply")
    return office.starter


async def test_deploy_of_an_older_release_leaves_the_schedules_of_a_newer_one_and_says_so(
    bare: dict[str, str],
    temporal: Client,
    schedules: CommandLine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It ends well all the same: whoever goes back must get the programs started."""
    monkeypatch.setenv("DATABASE_URL", bare["DATABASE_URL"])
    await apply_schedules(temporal, JOBS[:1], version=VERSION + 1)
    try:
        done = await schedules.run("deploy")
    finally:
        await apply_schedules(temporal, JOBS[:1], go_back=True)

    assert done.exit_code == 0
    assert f"newer release (version {VERSION + 1} of the table" in done.stdout


async def test_a_schedule_that_somebody_changed_is_put_right_and_stays_paused(
    temporal: Client, schedules: CommandLine
) -> None:
    fees, bookings = (
        temporal.get_schedule_handle(f"sweep-{what}") for what in ("fees", "bookings")
    )
    await fees.pause(note="Stripe is moving house")

    def slower(found: ScheduleUpdateInput) -> ScheduleUpdate:
        schedule = found.description.schedule
        schedule.spec.intervals = [ScheduleIntervalSpec(every=timedelta(hours=1))]
        return ScheduleUpdate(schedule)

    await fees.update(slower)
    await bookings.update(slower)

    said = (await schedules.run("schedules", "apply")).stdout
    again = await schedules.json("schedules", "apply")

    assert "sweep-bookings (changed), sweep-fees (changed). Still paused: sweep-fees." in said
    assert {one["change"] for one in again} == {"unchanged"}
    kept = (await fees.describe()).schedule
    assert (kept.state.paused, kept.state.note) == (True, "Stripe is moving house")
    assert [one.every for one in kept.spec.intervals] == [timedelta(minutes=10)]
    await fees.unpause()
    assert "sweep-fees (changed)" in (await schedules.run("schedules", "apply")).stdout
    described = await fees.describe()
    assert (described.schedule.state.paused, described.schedule.state.note) == (
        False,
        next(job.note for job in JOBS if job.id == "sweep-fees"),
    )


async def test_an_input_that_differs_in_meaning_is_a_change(
    temporal: Client, schedules: CommandLine
) -> None:
    def shorter(found: ScheduleUpdateInput) -> ScheduleUpdate:
        schedule = found.description.schedule
        assert isinstance(schedule.action, ScheduleActionStartWorkflow)
        schedule.action.args = [BookingSweep(delays=(timedelta(minutes=1),))]
        return ScheduleUpdate(schedule)

    await temporal.get_schedule_handle("sweep-bookings").update(shorter)

    changed = await schedules.json("schedules", "apply")

    assert [one["id"] for one in changed if one["change"] == "changed"] == ["sweep-bookings"]


async def test_a_schedule_under_an_older_key_or_a_lost_one_is_written_anew(
    bare: dict[str, str],
) -> None:
    async def applied(*entries: str) -> set[str]:
        converter = data_converter(payload_keys(*entries) if entries else None)

        async def connect() -> Client:
            return await Client.connect(bare["TEMPORAL_ADDRESS"], data_converter=converter)

        office = await new_office(connect)
        done = await office.starter.json("schedules", "apply")
        return {one["change"] for one in done}

    await applied()
    assert await applied() == {"unchanged"}
    for keys in ((OLD,), (NEW, OLD), (OLD,), ()):
        assert await applied(*keys) == {"changed"}
        assert await applied(*keys) == {"unchanged"}


async def test_the_list_shows_every_schedule_ours_and_others(
    temporal: Client, schedules: CommandLine
) -> None:
    stranger = JOBS[0].schedule(VERSION)
    assert isinstance(stranger.action, ScheduleActionStartWorkflow)
    stranger.action.memo = None
    handle = await temporal.create_schedule("somebody-elses", stranger)
    try:
        # Temporal lists one that was just made a moment later.
        await eventually_listed(temporal, "somebody-elses")
        shown = (await schedules.run("schedules", "list")).stdout
        listed = {one["id"]: one for one in await schedules.json("schedules", "list")}
    finally:
        await handle.delete()

    for job in JOBS:
        assert job.id in shown
        assert listed[job.id]["declared"]
        assert listed[job.id]["next_run"] is not None
    assert not listed["somebody-elses"]["declared"]
    assert "not ours" in shown


async def eventually_listed(temporal: Client, name: str) -> None:
    async with asyncio.timeout(30):
        while name not in [entry.id async for entry in await temporal.list_schedules()]:  # noqa: ASYNC110 - the other side is another process
            await asyncio.sleep(0.05)
