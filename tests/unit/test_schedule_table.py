"""The declared rows, as data; and what each is held to."""

import hashlib
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from console.schedules.linting import lint
from tests.house.tree import read
from workflows.durations import DURATIONS, Duration
from workflows.recurring import Job
from workflows.schedules import JOBS, VERSION, jobs_of

SKIP = "SKIP"
MINUTE, TEN_MINUTES = timedelta(minutes=1), timedelta(minutes=10)
TEN_SECONDS = timedelta(seconds=10)

ROWS = {
    "account-purge": (
        *("account_purge", "daily at 02:00 UTC", SKIP),
        *(timedelta(hours=24), timedelta(), TEN_MINUTES),
    ),
    "backup-check": ("backup_check", "every 1 min", SKIP, 2 * MINUTE, TEN_SECONDS, MINUTE),
    "grace-period": (
        *("grace_period", "daily at 02:30 UTC", "BUFFER_ONE"),
        *(timedelta(hours=24), MINUTE, timedelta(hours=2)),
    ),
    "process-notifications": (
        *("process_notifications", "daily at 08:00 BUSINESS_TIME_ZONE", SKIP),
        *(timedelta(hours=3), timedelta(), TEN_MINUTES),
    ),
    "retention-cleanup": (
        *("retention_cleanup", "daily at 04:00 UTC", SKIP),
        *(timedelta(hours=24), MINUTE, TEN_MINUTES),
    ),
    "sweep-bookings": ("sweep_bookings", "every 1 min", SKIP, MINUTE, TEN_SECONDS, MINUTE),
    "sweep-letters": ("sweep_letters", "every 1 min", SKIP, MINUTE, TEN_SECONDS, MINUTE),
    "sweep-registrations": (
        "sweep_registrations",
        "every 1 min",
        SKIP,
        MINUTE,
        TEN_SECONDS,
        MINUTE,
    ),
    "sweep-fees": ("sweep_fees", "every 10 min", SKIP, TEN_MINUTES, MINUTE, MINUTE),
}
"""Workflow, when, overlap, catch-up window, jitter, expected duration of an activity."""

FINGERPRINTS = {
    1: "297331ecaac4de28",
    2: "9daf76f1fae0e1c9",
    3: "02be90cf6958319a",
    4: "ce5bdf1f54ebb148",
}
"""Of the table as each version of it stood: a new line with every change, never a changed one."""


def _row(job: Job) -> tuple[object, ...]:
    action: Any = job.schedule(VERSION).action
    return (
        action.workflow,
        str(job.when),
        job.overlap.name,
        job.catch_up,
        job.jitter,
        job.takes.expected,
    )


def test_the_rows_are_as_written_down_here() -> None:
    assert {job.id: _row(job) for job in JOBS} == ROWS


def _fingerprint() -> str:
    told = [
        (job.id, *_row(job), job.takes.whole_run, job.order.model_dump_json(), job.note)
        for job in JOBS
    ]
    return hashlib.sha256(repr(sorted(told)).encode()).hexdigest()[:16]


def test_a_changed_table_has_a_new_version() -> None:
    assert max(FINGERPRINTS) == VERSION
    assert FINGERPRINTS[VERSION] == _fingerprint(), (
        "The table of jobs has changed: raise VERSION in workflows/schedules.py, so that the "
        "release before cannot put it back, and write the new fingerprint beside the old ones."
    )


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Australia/Lord_Howe"])
def test_every_declared_time_comes_once_wherever_the_business_is(zone: str) -> None:
    assert lint(jobs_of(zone)) == []


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.id)
def test_a_job_takes_a_row_of_the_durations(job: Job) -> None:
    assert job.takes in DURATIONS
    assert job.note


@pytest.mark.parametrize("row", DURATIONS, ids=lambda row: str(row.expected))
def test_a_row_leaves_room_for_a_slow_day_a_dead_worker_and_another_try(row: Duration) -> None:
    policy = row.policy
    assert policy.heartbeat is not None
    assert 2 * row.expected <= policy.start_to_close
    assert policy.heartbeat <= policy.start_to_close / 4
    assert policy.start_to_close + row.expected <= policy.schedule_to_close
    assert policy.schedule_to_close < row.whole_run


def _in_words(time: timedelta | None) -> str:
    assert time is not None
    for word, unit in (("h", timedelta(hours=1)), ("min", timedelta(minutes=1))):
        if time >= unit and time % unit == timedelta():
            return f"{time // unit} {word}"
    return f"{time.total_seconds():g} s"


def test_the_documentation_shows_the_same_durations() -> None:
    told = [
        [cell.strip(" `") for cell in line.strip("|").split("|")]
        for line in read(Path("docs/new-job.md")).splitlines()
        if re.match(r"\| `[A-Z_]+` \|", line)
    ]
    assert told == [
        [
            row.name,
            *(
                _in_words(time)
                for time in (
                    row.expected,
                    row.policy.start_to_close,
                    row.policy.heartbeat,
                    row.policy.schedule_to_close,
                    row.whole_run,
                )
            ),
        ]
        for row in DURATIONS
    ]
