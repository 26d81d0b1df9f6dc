"""The table of this release, where the business is."""

from console.schedules.known import NoSuchSchedule
from settings import ScheduleSettings
from workflows.recurring import Job
from workflows.schedules import jobs_of


def declared_jobs() -> tuple[Job, ...]:
    """Every job, wall times of the business being those of its zone.

    Raises:
        SettingsError: BUSINESS_TIME_ZONE names no zone.
    """
    return jobs_of(ScheduleSettings.load().business_time_zone.key)


def declared_job(name: str) -> Job:
    """The job of that name.

    Raises:
        NoSuchSchedule: none is declared.
        SettingsError: BUSINESS_TIME_ZONE names no zone.
    """
    jobs = {job.id: job for job in declared_jobs()}
    if name not in jobs:
        raise NoSuchSchedule(f"This release declares no job {name}, but {', '.join(jobs)}.")
    return jobs[name]
