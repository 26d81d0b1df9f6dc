"""The declared rows, as data; and what each is held to."""

from datetime import timedelta
from typing import Any

import pytest

from console.schedules.linting import lint
from workflows.durations import DURATIONS, Duration
from workflows.recurring import Job
from workflows.schedules import JOBS, VERSION, jobs_of

SKIP = "SKIP"
MINUTE, TEN_MINUTES = timedelta(minutes=1), timedelta(minutes=10)
TEN_SECONDS = timedelta(seconds=10)

ROWS = {
    "backup-check": ("backup_check", "every 1 min", SKIP, 2 * MINUTE, TEN_SECONDS, MINUTE),
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
