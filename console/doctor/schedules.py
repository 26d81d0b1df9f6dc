"""What recurs: is each job there, as declared, and does it run."""

from datetime import UTC, datetime, timedelta

from console.doctor.examination import Check
from console.doctor.findings import Finding, failed, passed, warned
from console.doctor.patient import Patient
from console.schedules.declared import declared_jobs
from console.schedules.looking import Compared
from console.schedules.words import health_in_words
from workflows.recurring import Job

MARGIN = timedelta(minutes=1)

LATE = timedelta(hours=1)
"""How late a run of a job that is rarer than that may be before somebody looks."""

TOLERATED = 2
"""Of the last ten nominal times of a job that recurs within LATE: the next one does its work."""

APPLY = "Run python starter.py schedules apply."


async def _schedules(patient: Patient) -> list[Finding]:
    found, now = await patient.schedules.own(), datetime.now(UTC)
    return [judged(job, found[job.id], now) for job in declared_jobs()]


def judged(job: Job, found: Compared | None, now: datetime) -> Finding:
    """What is to be thought of one job, in the business's zone, by how Temporal has it."""
    name = f"temporal.schedules.{job.id}"
    if found is None:
        return failed(name, f"The schedule {job.id} is missing.", APPLY)
    if found.paused:
        return warned(
            name,
            f"The schedule {job.id} is paused.",
            "Its reason: python starter.py schedules list. Then python starter.py schedules "
            f"unpause {job.id}.",
        )
    times = job.when.times_after(found.ran_at)
    due = next(times)
    often = next(times) - due
    if now > due + min(often, LATE) + job.jitter + MARGIN:
        minutes = (now - found.ran_at) / timedelta(minutes=1)
        return failed(
            name,
            f"The schedule {job.id} has not begun a run for {minutes:.0f} min.",
            "A run of it may be stuck: see temporal.pollers.maintenance, and its last run in the "
            "Web UI.",
        )
    if found.newer:
        return warned(
            name,
            f"The schedule {job.id} is of a newer release than this one.",
            "Ask the doctor of that release; or, if you went back to this one for good: python "
            "starter.py schedules apply --go-back, then schedules prune --go-back",
        )
    if not found.agrees:
        return warned(name, f"The schedule {job.id} is not as this release declares it.", APPLY)
    said = f"It runs {job.when}. Runs so far: {health_in_words(found.health)}."
    if found.health.left_out > (TOLERATED if often <= LATE else 0):
        return warned(
            name,
            said,
            "Find out why: an outage (missed), a run that took too long (skipped), or a pause. "
            "What is worth making up for: python starter.py schedules backfill",
        )
    return passed(name, said)


CHECKS = (Check("temporal.schedules", _schedules, "Look at the rights of our key in Temporal."),)
