"""What recurs: is each job there, as declared, and does it run."""

from datetime import UTC, datetime, timedelta

from console.doctor.examination import Check
from console.doctor.findings import Finding, failed, passed, warned
from console.doctor.patient import Patient
from console.scheduling import Compared
from workflows.schedules import JOBS, Job

MARGIN = timedelta(minutes=1)

APPLY = "Run python starter.py schedules apply."


async def _schedules(patient: Patient) -> list[Finding]:
    found, now = await patient.schedules.own(), datetime.now(UTC)
    return [judged(job, found[job.id], now) for job in JOBS]


def judged(job: Job, found: Compared | None, now: datetime) -> Finding:
    """What is to be thought of one job, by how Temporal has it."""
    name = f"temporal.schedules.{job.id}"
    if found is None:
        return failed(name, f"The schedule {job.id} is missing.", APPLY)
    if found.paused:
        return warned(
            name,
            f"The schedule {job.id} is paused.",
            "Its reason: python starter.py schedules list. Then temporal schedule toggle "
            f"--unpause --schedule-id {job.id}.",
        )
    since = now - found.ran_at
    minutes = since / timedelta(minutes=1)
    if since > 2 * job.every + job.jitter + MARGIN:
        return failed(
            name,
            f"The schedule {job.id} has not begun a run for {minutes:.0f} min.",
            "A run of it may be stuck: see temporal.pollers.maintenance, and its last run in the "
            "Web UI.",
        )
    if not found.agrees:
        return warned(name, f"The schedule {job.id} is not as this release declares it.", APPLY)
    return passed(name, f"It runs every {job.every / timedelta(minutes=1):g} min.")


CHECKS = (Check("temporal.schedules", _schedules, "Look at the rights of our key in Temporal."),)
