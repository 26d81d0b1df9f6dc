"""Who asks Temporal's task queues for work, and how long work waits there."""

from datetime import UTC, datetime, timedelta
from enum import IntEnum

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client

from console.concurrency import of_each
from domain.frozen import Frozen, Instant
from workflows.queues import BOOKINGS, LETTERS, MAINTENANCE, REGISTRATIONS

ANSWER_WITHIN = timedelta(seconds=10)

GONE_AFTER = timedelta(minutes=2)
"""A worker asks anew at least once a minute; Temporal remembers one that is gone for five."""


class Tasks(IntEnum):
    """What a worker asks a queue for, as Temporal numbers it."""

    WORKFLOWS = TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW
    ACTIVITIES = TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY

    @property
    def word(self) -> str:
        """As a sentence has it."""
        return self.name.lower()


SERVED = (
    (REGISTRATIONS, Tasks.WORKFLOWS),
    (REGISTRATIONS, Tasks.ACTIVITIES),
    (BOOKINGS, Tasks.ACTIVITIES),
    (LETTERS, Tasks.ACTIVITIES),
    (MAINTENANCE, Tasks.WORKFLOWS),
    (MAINTENANCE, Tasks.ACTIVITIES),
)
"""What must be asked for (`served.workers`)."""


class Poller(Frozen):
    """One worker that asked for work lately, as Temporal remembers for some minutes."""

    identity: str
    """Process and host."""
    build: str
    """Of its code, as the SDK reckons it."""
    asked_at: Instant
    """By Temporal's clock. A worker asks anew at least once a minute."""


class QueueState(Frozen):
    """One queue, for one kind of work."""

    queue: str
    tasks: Tasks
    pollers: tuple[Poller, ...] = ()
    longest_wait: timedelta = timedelta()
    """How long the oldest waiting task has waited, about."""
    answered_at: Instant
    """By our clock: Temporal told this before."""

    def at_work(self) -> list[Poller]:
        """Those that are not gone."""
        return [each for each in self.pollers if self.answered_at - each.asked_at <= GONE_AFTER]


async def look_at_queues(client: Client) -> list[QueueState]:
    """Every queue that must be served.

    Raises:
        RPCError: Temporal refused or did not answer.
    """

    async def look(served: tuple[str, Tasks]) -> QueueState:
        return await _look(client, *served)

    return await of_each(SERVED, look)


async def _look(client: Client, queue: str, tasks: Tasks) -> QueueState:
    asked = DescribeTaskQueueRequest(
        namespace=client.namespace,
        task_queue=TaskQueue(name=queue),
        task_queue_type=TaskQueueType.ValueType(tasks),
        report_stats=True,
    )
    told = await client.workflow_service.describe_task_queue(asked, timeout=ANSWER_WITHIN)
    return QueueState(
        queue=queue,
        tasks=tasks,
        pollers=tuple(
            Poller(
                identity=poller.identity,
                build=poller.worker_version_capabilities.build_id,
                asked_at=poller.last_access_time.ToDatetime(UTC),
            )
            for poller in told.pollers
        ),
        longest_wait=told.stats.approximate_backlog_age.ToTimedelta(),
        answered_at=datetime.now(UTC),
    )
