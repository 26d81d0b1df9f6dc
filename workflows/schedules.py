"""The table of recurring jobs: one row a job, each declared in a file of `workflows/jobs`.

The deploy step makes Temporal agree with it (`console/schedules`). A schedule starts each nominal
time once, however many workers there are, and names the run after it:
`sweep-bookings-2026-11-23T14:05:00Z`.
"""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules

from workflows import jobs
from workflows.recurring import Job

VERSION = 4
"""Of the table: one more with every release that adds a row, changes one or takes one away.
Temporal keeps it with each schedule, and refuses a release that declares a smaller one."""


def _declared() -> Iterator[Job]:
    for file in iter_modules(jobs.__path__, f"{jobs.__name__}."):
        job: Job = import_module(file.name).JOB
        yield job


JOBS = tuple(_declared())
"""In the order of their files."""


def jobs_of(business_zone: str) -> tuple[Job, ...]:
    """The table, the wall times of the business being those of that zone (BUSINESS_TIME_ZONE)."""
    return tuple(job.in_zone(business_zone) for job in JOBS)
