"""The days on which clocks change: what the linter says is what the server does."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from temporalio.api.workflowservice.v1 import ListScheduleMatchingTimesRequest
from temporalio.client import Client

from console.schedules.linting import lint
from domain.recurrence import Daily, Fault, unclear_times
from tests.console.command_line import CommandLine
from tests.schedules.ledger import TallyOrder
from tests.schedules.tally import tally_job
from workflows.recurring import Job

QUARTERS = tuple(time(hour, minute) for hour in (*range(4), 23) for minute in (0, 15, 30, 45))
"""Every quarter of an hour that clocks of these zones change over, and those around."""

DAYS = {
    "America/New_York": (date(2027, 3, 14), date(2027, 11, 7)),
    "Europe/Berlin": (date(2027, 3, 28), date(2027, 10, 31)),
    "America/Santiago": (date(2027, 4, 3), date(2027, 9, 5)),
    "Australia/Lord_Howe": (date(2027, 4, 4), date(2027, 10, 3)),
    "Pacific/Chatham": (date(2027, 4, 4), date(2027, 9, 26)),
}

HIT = {
    "America/New_York": {Fault.SKIPPED: 4, Fault.REPEATED: 4},
    "Europe/Berlin": {Fault.SKIPPED: 4, Fault.REPEATED: 4, Fault.DOUBLED: 4},
    "America/Santiago": {Fault.SKIPPED: 4, Fault.REPEATED: 4},
    "Australia/Lord_Howe": {Fault.SKIPPED: 2, Fault.REPEATED: 2, Fault.DOUBLED: 2},
    "Pacific/Chatham": {Fault.SKIPPED: 4, Fault.REPEATED: 4, Fault.DOUBLED: 3},
}
"""How many of the quarters are hit, and how."""


def _stamp(instant: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(instant)
    return stamp


async def _server_times(
    client: Client, job: Job, since: datetime, until: datetime
) -> list[datetime]:
    told = await client.workflow_service.list_schedule_matching_times(
        ListScheduleMatchingTimesRequest(
            namespace=client.namespace,
            schedule_id=job.id,
            start_time=_stamp(since),
            end_time=_stamp(until),
        )
    )
    return [one.ToDatetime(UTC) for one in told.start_time]


@pytest.mark.parametrize("zone", DAYS)
async def test_on_such_a_day_the_server_begins_a_run_once_exactly_where_the_linter_lets_it_pass(
    client: Client, order: TallyOrder, zone: str
) -> None:
    place, hit = ZoneInfo(zone), Counter[Fault]()
    for wall in QUARTERS:
        job = tally_job(f"at-{wall:%H%M}", order, when=Daily(at=(wall,), zone=zone))
        await client.create_schedule(job.id, job.schedule(1))
        for day in DAYS[zone]:
            noon = datetime.combine(day, time(12), place)
            since, until = ((noon + timedelta(days=n)).astimezone(UTC) for n in (-1, 1))
            faults = [
                one.fault
                for one in unclear_times(job.when, day - timedelta(days=1), day + timedelta(days=1))
            ]

            server = await _server_times(client, job, since, until)

            ours = list(takewhile(lambda one, end=until: one <= end, job.when.times_after(since)))
            once_a_day = server == ours and len(server) == 2
            assert once_a_day is (not faults), (wall, day, faults, server)
            hit.update(faults)
        await client.get_schedule_handle(job.id).delete()

    assert hit == HIT[zone]


@pytest.mark.parametrize(
    ("zone", "wall", "says"),
    [
        ("America/New_York", time(2, 30), "02:30 does not exist in America/New_York on 2027-03-14"),
        ("America/New_York", time(1, 30), "01:30 comes twice in America/New_York on 2027-11-07"),
        ("Europe/Berlin", time(2), "02:00 comes twice in Europe/Berlin on 2027-10-31"),
        ("Europe/Berlin", time(1, 30), "01:30 runs twice in Europe/Berlin on 2027-10-31"),
        ("America/Santiago", time(0), "00:00 does not exist in America/Santiago on 2027-09-05"),
        ("Australia/Lord_Howe", time(2, 15), "02:15 does not exist in Australia/Lord_Howe on 2027"),
    ],
)
def test_the_linter_says_which_time_and_which_day(
    order: TallyOrder, zone: str, wall: time, says: str
) -> None:
    job = tally_job("nightly", order, when=Daily(at=(wall,), zone=zone))

    sentences = [one.sentence for one in lint([job], date(2027, 1, 1))]

    assert any(f"nightly: {says}" in one for one in sentences), sentences
    assert all("days of the next five years" in one for one in sentences)


def test_the_linter_names_a_zone_that_is_none_a_name_twice_and_a_window_too_short(
    order: TallyOrder,
) -> None:
    jobs = [
        tally_job("a", order, when=Daily(at=(time(8),), zone="America/Gotham")),
        tally_job("b", order, catch_up=timedelta(seconds=5)),
        tally_job("b", order),
    ]

    sentences = [one.sentence for one in lint(jobs)]

    assert [one.split(":")[0] for one in sentences] == ["a", "b", "b is declared twice."]


async def test_the_command_finds_nothing_in_this_release(starter: CommandLine) -> None:
    said = await starter.run("schedules", "lint")

    assert (said.exit_code, said.stdout) == (
        0,
        "At every declared time a run begins exactly once.\n",
    )


async def test_a_zone_of_the_business_that_is_none_is_a_setting_to_correct(
    starter: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BUSINESS_TIME_ZONE", "America/Gotham")

    said = await starter.run("schedules", "lint")

    assert said.exit_code == 2
    assert "BUSINESS_TIME_ZONE is malformed" in said.stderr
