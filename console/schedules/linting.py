"""Is every declared time clear, and can Temporal do what is declared."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby

from domain.errors import OutsideError
from domain.frozen import Frozen
from domain.recurrence import Fault, Unclear, unclear_times
from domain.refusals import Refused
from workflows.recurring import Job

AHEAD = timedelta(days=5 * 366)
"""How far a zone's clock changes are looked at: as far as today's rules can be trusted."""

LEAST_CATCH_UP = timedelta(seconds=10)
"""Temporal's own: a shorter one counts as this."""


class UnclearTimes(OutsideError):
    """A declared job is due at times that do not come exactly once."""


class Complaint(Frozen):
    """What is wrong with a declared job."""

    job: str
    sentence: str


def lint(jobs: Sequence[Job], today: date | None = None) -> list[Complaint]:
    """What is wrong with these jobs, in the business's zone."""
    since = today or datetime.now(UTC).date()
    found = [one for job in jobs for one in _of(job, since)]
    names = [job.id for job in jobs]
    twice = sorted({name for name in names if names.count(name) > 1})
    return [*found, *(Complaint(job=name, sentence=f"{name} is declared twice.") for name in twice)]


def check_times(jobs: Sequence[Job]) -> None:
    """Raises UnclearTimes, with every sentence, where anything is wrong with one of them."""
    found = lint(jobs)
    if found:
        raise UnclearTimes(" ".join(one.sentence for one in found))


def _of(job: Job, since: date) -> Iterator[Complaint]:
    if job.catch_up < LEAST_CATCH_UP:
        yield Complaint(
            job=job.id,
            sentence=f"{job.id}: Temporal takes no catch-up window below "
            f"{LEAST_CATCH_UP.total_seconds():g} s.",
        )
    try:
        unclear = sorted(unclear_times(job.when, since, since + AHEAD), key=_fault_and_time)
    except Refused as refused:
        yield Complaint(job=job.id, sentence=f"{job.id}: {refused.reasons[0].sentence}")
        return
    for (fault, _), group in groupby(unclear, key=_fault_and_time):
        yield Complaint(job=job.id, sentence=f"{job.id}: {_in_words(fault, list(group))}")


def _fault_and_time(unclear: Unclear) -> tuple[Fault, time]:
    return unclear.fault, unclear.wall.time()


def _in_words(fault: Fault, days: Sequence[Unclear]) -> str:
    first, more = days[0], len(days) - 1
    others = f", and on {more} more days of the next five years" if more else ""
    does, because = _TOLD[fault]
    return (
        f"{first.wall:%H:%M} {does} in {first.zone} on {first.wall:%Y-%m-%d}{others}: {because}. "
        "Choose another time, or UTC."
    )


_TOLD = {
    Fault.SKIPPED: ("does not exist", "clocks go forward over it"),
    Fault.REPEATED: ("comes twice", "clocks go back over it"),
    Fault.DOUBLED: ("runs twice", "clocks go back soon after it, and Temporal begins it once more"),
}
