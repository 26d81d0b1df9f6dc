"""What applying the table would do, and to what Temporal has."""

from collections.abc import Sequence
from enum import StrEnum

from temporalio.client import Client

from console.schedules.known import Known, answering, find_all
from console.schedules.meaning import Difference, differences
from domain.errors import OutsideError
from domain.frozen import Frozen
from workflows.recurring import Job
from workflows.schedules import VERSION


class Change(StrEnum):
    """What applying a job does, or did."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


class NewerSchedules(OutsideError):
    """A newer release than this one applied its table: this one leaves it as it is."""


class Planned(Frozen):
    """One job of the table against what Temporal has."""

    id: str
    change: Change
    differences: tuple[Difference, ...] = ()
    paused: bool = False
    paused_because: str | None = None


class Plan(Frozen):
    """The table against what Temporal has."""

    version: int = VERSION
    """Of the table of this release."""
    known_version: int | None = None
    """The highest that Temporal has; None where it has none of ours."""
    jobs: tuple[Planned, ...] = ()
    left_over: tuple[str, ...] = ()
    """Of ours, and declared no more."""

    @property
    def newer(self) -> bool:
        """Whether what Temporal has is of a newer release."""
        return self.known_version is not None and self.known_version > self.version

    def refuse_to_go_back(self) -> None:
        """Raises NewerSchedules where a newer release applied its table."""
        if self.newer:
            raise NewerSchedules(
                f"Temporal has the schedules of a newer release (version {self.known_version} of "
                f"the table; this release declares {self.version}). They stay as they are. If "
                "you went back to this release for good: python starter.py schedules apply "
                "--go-back, then schedules prune --go-back"
            )


async def plan_schedules(client: Client, jobs: Sequence[Job], version: int = VERSION) -> Plan:
    """What applying these jobs would do; changes nothing.

    Raises:
        WorkflowsUnreachable: Temporal refused or did not answer.
    """
    with answering(client):
        known = await find_all(client, [job.id for job in jobs])
        planned = [await _planned(client, job, known.get(job.id), version) for job in jobs]
    ours = {name: one.version for name, one in known.items() if one.version is not None}
    return Plan(
        version=version,
        known_version=max(ours.values(), default=None),
        jobs=tuple(planned),
        left_over=tuple(name for name in ours if name not in {job.id for job in jobs}),
    )


async def _planned(client: Client, job: Job, known: Known | None, version: int) -> Planned:
    if known is None:
        return Planned(id=job.id, change=Change.CREATED)
    found = await differences(client, known.schedule, job.schedule(version), job)
    return Planned(
        id=job.id,
        change=Change.CHANGED if found else Change.UNCHANGED,
        differences=found,
        paused=known.paused,
        paused_because=(known.schedule.state.note or "") if known.paused else None,
    )
