"""What the doctor makes of queues and schedules that no test can bring about in seconds."""

from datetime import UTC, datetime, timedelta

import pytest

from console.doctor import pollers, schedules
from console.doctor.findings import State
from console.scheduling import Compared
from console.task_queues import Poller, QueueState, Tasks
from workflows.queues import REGISTRATIONS
from workflows.schedules import JOBS

NOW = datetime(2026, 12, 1, 14, tzinfo=UTC)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
JOB = next(job for job in JOBS if job.every == MINUTE)


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


def known(ran: timedelta, *, agrees: bool = True, paused: bool = False) -> Compared:
    return Compared(agrees=agrees, paused=paused, ran_at=NOW - ran)


@pytest.mark.parametrize(
    ("found", "state", "words"),
    [
        (known(MINUTE), State.PASS, "every 1 min"),
        (None, State.FAIL, "is missing"),
        (known(4 * MINUTE), State.FAIL, "not begun a run for 4 min"),
        (known(MINUTE, agrees=False), State.WARN, "not as this release declares"),
        (known(timedelta(days=1), paused=True), State.WARN, "is paused"),
    ],
    ids=["it runs", "it is missing", "it has stopped", "it differs", "it is paused"],
)
def test_a_schedule_is_judged_by_its_last_run(
    found: Compared | None, state: State, words: str
) -> None:
    finding = schedules.judged(JOB, found, NOW)

    assert (finding.state, words in finding.sentence) == (state, True), finding
