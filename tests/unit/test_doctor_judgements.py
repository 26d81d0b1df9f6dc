"""What the doctor makes of queues and schedules that no test can bring about in seconds."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from console.doctor import pollers, schedules
from console.doctor.findings import State
from console.schedules.health import Health
from console.schedules.looking import Compared
from console.task_queues import Poller, QueueState, Tasks
from domain.recurrence import Daily, Every
from workflows.queues import REGISTRATIONS
from workflows.recurring import Job
from workflows.schedules import JOBS

NOW = datetime(2026, 12, 1, 14, tzinfo=UTC)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
JOB = next(job for job in JOBS if job.when == Every(MINUTE))
NIGHTLY = replace(JOB, when=Daily(at=(time(2),)), jitter=timedelta())


def asked(ago: timedelta = SECOND, build: str = "4a7c1f09e2", identity: str = "7@one") -> Poller:
    return Poller(identity=identity, build=build, asked_at=NOW - ago)


def queue(*asking: Poller, waits: timedelta = timedelta()) -> list[QueueState]:
    """Both kinds of work of one queue, each asked for by the same."""
    return [
        QueueState(
            queue=REGISTRATIONS, tasks=tasks, pollers=asking, longest_wait=waits, answered_at=NOW
        )
        for tasks in Tasks
    ]


@pytest.mark.parametrize(
    ("states", "state", "words"),
    [
        (queue(asked()), State.PASS, "1 worker of build 4a7c1f09: 7@one."),
        (queue(asked(59 * SECOND)), State.PASS, "1 worker"),
        (queue(asked(3 * MINUTE)), State.FAIL, "for workflows and activities"),
        ([*queue(asked())[:1], *queue()[1:]], State.FAIL, "for activities"),
        (queue(asked(), waits=11 * SECOND), State.WARN, "waited in the queue registrations"),
        (
            queue(asked(), asked(build="99", identity="8@one")),
            State.WARN,
            "2 workers of build 4a7c1f09, 99",
        ),
        (queue(asked(), asked(3 * MINUTE, "99", "8@one")), State.PASS, "1 worker of"),
    ],
    ids=[
        "somebody works",
        "a worker that asks once a minute works",
        "a worker that asked three minutes ago is gone",
        "half of a worker is none",
        "work waits",
        "two builds are at work",
        "a build that is gone is not at work",
    ],
)
def test_a_queue_is_judged_by_who_asks_it_for_work(
    states: list[QueueState], state: State, words: str
) -> None:
    finding = pollers.judged(REGISTRATIONS, states)

    assert (finding.state, words in finding.sentence) == (state, True), finding


def known(ran: timedelta, *, left_out: int = 0, **facts: bool) -> Compared:
    health = Health(began=40, missed=7, left_out=left_out, left_out_last=NOW if left_out else None)
    told = Compared(agrees=True, paused=False, ran_at=NOW - ran, health=health)
    return told.model_copy(update=facts)


DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.mark.parametrize(
    ("job", "found", "state", "words"),
    [
        (JOB, known(MINUTE), State.PASS, "every 1 min. Runs so far: 40, 7 missed."),
        (JOB, None, State.FAIL, "is missing"),
        (JOB, known(4 * MINUTE), State.FAIL, "not begun a run for 4 min"),
        (JOB, known(MINUTE, agrees=False), State.WARN, "not as this release declares"),
        (JOB, known(MINUTE, agrees=False, newer=True), State.WARN, "of a newer release"),
        (JOB, known(DAY, paused=True), State.WARN, "is paused"),
        (JOB, known(MINUTE, left_out=2), State.PASS, "2 left out lately"),
        (JOB, known(MINUTE, left_out=3), State.WARN, "3 left out lately"),
        (NIGHTLY, known(11 * HOUR), State.PASS, "daily at 02:00 UTC"),
        (NIGHTLY, known(36 * HOUR), State.FAIL, "not begun a run for 2160 min"),
        (NIGHTLY, known(11 * HOUR, left_out=1), State.WARN, "1 left out lately"),
    ],
    ids=[
        "it runs",
        "it is missing",
        "it has stopped",
        "it differs",
        "a newer release has it",
        "it is paused",
        "a minutely one left two out, which the next runs made good",
        "a minutely one left three out",
        "a nightly one ran last night",
        "a nightly one did not run last night",
        "a nightly one left a night out",
    ],
)
def test_a_schedule_is_judged_by_its_runs(
    job: Job, found: Compared | None, state: State, words: str
) -> None:
    finding = schedules.judged(job, found, NOW)

    assert (finding.state, words in finding.sentence) == (state, True), finding
