"""Runs begun by hand, and the nominal time by which each run's effects are keyed."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from temporalio.client import Client
from temporalio.worker import Worker

from console.schedules.applying import apply_schedules
from console.schedules.steering import NothingToBackfill, backfill_schedule
from domain.recurrence import Every
from tests.console.command_line import CommandLine
from tests.eventually import eventually
from tests.schedules.ledger import Ledger, TallyOrder
from tests.schedules.tally import tally_job, tally_worker, whole_second
from workflows.recurring import Job

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
NINE = datetime(2026, 11, 2, 9, tzinfo=UTC)
HOURS = [NINE, NINE + HOUR, NINE + 2 * HOUR]


@pytest.fixture
def hourly(order: TallyOrder) -> Job:
    return tally_job("hourly", order, when=Every(HOUR), jitter=timedelta(minutes=10))


@pytest.fixture
async def worker(client: Client) -> Worker:
    return tally_worker(client)


async def test_a_run_begun_by_hand_is_of_the_moment_it_was_asked_for(
    client: Client, worker: Worker, starter: CommandLine, ledger: Ledger, order: TallyOrder
) -> None:
    await apply_schedules(client, [tally_job("rare", order)])
    before = whole_second(datetime.now(UTC))

    async with worker:
        begun = await starter.json("schedules", "trigger", "rare")
        assert await client.get_workflow_handle(begun["run"]).result() == 1

    (due,) = ledger.due()
    assert begun["run"] == f"rare-{due:%Y-%m-%dT%H:%M:%SZ}"
    assert before <= due <= datetime.now(UTC)


async def test_a_backfill_runs_each_nominal_time_once_and_none_beside(
    client: Client, worker: Worker, ledger: Ledger, hourly: Job
) -> None:
    """Jitter moves when a run begins, never what it stands for."""
    hourly = replace(hourly, id="hourly-beside")  # no other test's run of a nominal time is its own
    await apply_schedules(client, [hourly])

    async with worker:
        done = await backfill_schedule(client, hourly, NINE - 20 * SECOND, NINE + 2 * HOUR + SECOND)
        await eventually(lambda: len(ledger.due()) == len(HOURS))

    assert list(done.times) == HOURS == ledger.due()


async def test_the_same_nominal_time_run_twice_has_no_second_effect(
    client: Client, worker: Worker, starter: CommandLine, ledger: Ledger, hourly: Job
) -> None:
    await apply_schedules(client, [hourly])
    span = ("--since", "2026-11-02T09:00:00Z", "--until", "2026-11-02T11:00:00Z")

    async with worker:
        for times in (1, 2):
            # By its declared name only: this one is not the release's.
            await backfill_schedule(client, hourly, HOURS[0], HOURS[-1])
            await eventually(lambda times=times: sum(ledger.tries().values()) == 3 * times)
    refused = await starter.run("schedules", "backfill", "hourly", *span)

    assert ledger.effects() == {due: [0] for due in HOURS}
    assert ledger.tries() == Counter({(due, 0): 2 for due in HOURS})
    assert refused.exit_code == 1
    assert "declares no job hourly, but account-purge" in refused.stderr


async def test_a_span_without_a_nominal_time_or_with_too_many_is_refused(
    client: Client, hourly: Job
) -> None:
    with pytest.raises(NothingToBackfill, match="no nominal time"):
        await backfill_schedule(client, hourly, NINE + SECOND, NINE + HOUR - SECOND)
    with pytest.raises(NothingToBackfill, match="more than 500"):
        await backfill_schedule(
            client, replace(hourly, when=Every(SECOND)), NINE, NINE + timedelta(seconds=500)
        )


async def test_a_release_s_own_job_is_backfilled_by_the_command(
    client: Client, starter: CommandLine
) -> None:
    await starter.run("schedules", "apply")
    asked = ("backfill", "sweep-fees", "--since", "2026-11-02T09Z", "--until", "2026-11-02T09:15Z")

    done = await starter.json("schedules", *asked)
    ahead = await starter.run(
        "schedules", *asked[:3], "2026-11-02T09Z", "--until", "2126-11-02T09Z"
    )
    naive = await starter.run("schedules", *asked[:3], "2026-11-02T09", *asked[4:])

    assert done["times"] == ["2026-11-02T09:00:00Z", "2026-11-02T09:10:00Z"]
    for wrong, says in ((ahead, "nor lie ahead"), (naive, "ISO 8601 with an offset")):
        assert (wrong.exit_code, says in wrong.stderr) == (2, True), wrong.output
    assert (await client.get_schedule_handle("sweep-fees").describe()).info.num_actions >= 1


async def test_a_run_at_work_is_not_joined_and_that_is_said_and_counted(
    client: Client, starter: CommandLine, order: TallyOrder
) -> None:
    await apply_schedules(client, [tally_job("rare", order)])

    first = await starter.run("schedules", "trigger", "rare")  # nobody works on it
    second = await starter.run("schedules", "trigger", "rare")
    listed = {one["id"]: one for one in await starter.json("schedules", "list")}

    assert (first.exit_code, first.stdout.startswith("Begun: rare-20")) == (0, True)
    assert (second.exit_code, second.stdout) == (
        1,
        "Nothing began: a run of rare is still at work.\n",
    )
    health = listed["rare"]["health"]
    assert (health["began"], health["skipped"], health["missed"]) == (1, 1, 0)


async def test_a_pause_has_a_reason_and_ends_with_the_declared_note(starter: CommandLine) -> None:
    await starter.run("schedules", "apply")

    paused = await starter.run("schedules", "pause", "sweep-fees", "--because", "Stripe is down")
    shown = (await starter.run("schedules", "list")).stdout
    planned = (await starter.run("schedules", "plan")).stdout
    unpaused = await starter.run("schedules", "unpause", "sweep-fees")

    assert paused.stdout == "sweep-fees is paused.\n"
    assert "Stripe is down" in shown
    assert "sweep-fees is paused, and stays so: Stripe is down" in planned
    assert unpaused.stdout == "sweep-fees runs again.\n"
    changes = {one["change"] for one in (await starter.json("schedules", "plan"))["jobs"]}
    assert changes == {"unchanged"}


@pytest.mark.parametrize("command", [["trigger"], ["pause", "--because", "why"], ["unpause"]])
async def test_a_schedule_that_is_not_there_is_named(
    starter: CommandLine, command: list[str]
) -> None:
    said = await starter.run("schedules", command[0], "nobodys", *command[1:])

    assert said.exit_code == 1
    assert "Temporal has no schedule nobodys." in said.stderr
