"""Who asks Temporal's task queues for work, and how long work waits there."""

from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import Self

from temporalio.api.deployment.v1 import WorkerDeploymentOptions, WorkerDeploymentVersion
from temporalio.api.enums.v1 import TaskQueueType, WorkerVersioningMode
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client

from concurrency import of_each
from domain.frozen import Frozen, Instant
from workflows.queues import BOOKINGS, LETTERS, MAINTENANCE, REGISTRATIONS

ANSWER_WITHIN = timedelta(seconds=10)
VERSIONED = WorkerVersioningMode.WORKER_VERSIONING_MODE_VERSIONED

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


class WorkerVersion(Frozen):
    """A version of a worker deployment."""

    deployment: str
    build: str

    @classmethod
    def told(cls, version: WorkerDeploymentVersion) -> Self | None:
        """As Temporal tells it; None for workers of no deployment."""
        if not version.build_id:
            return None
        return cls(deployment=version.deployment_name, build=version.build_id)


class Poller(Frozen):
    """One worker that asked for work lately, as Temporal remembers for some minutes."""

    identity: str
    """Process and host."""
    build: str
    """Of its code (`release`)."""
    asked_at: Instant
    """By Temporal's clock. A worker asks anew at least once a minute."""
    version: WorkerVersion | None = None
    """None where it is unversioned."""


class QueueState(Frozen):
    """One queue, for one kind of work."""

    queue: str
    tasks: Tasks
    pollers: tuple[Poller, ...] = ()
    longest_wait: timedelta = timedelta()
    """How long the oldest waiting task has waited, about."""
    answered_at: Instant
    """By our clock: Temporal told this before."""
    current: WorkerVersion | None = None
    """The version whose workers are given tasks; None for unversioned workers."""

    @property
    def at_work(self) -> tuple[Poller, ...]:
        """Those that have not gone, whether they are given anything or not."""
        return tuple(p for p in self.pollers if self.answered_at - p.asked_at <= GONE_AFTER)

    @property
    def serving(self) -> tuple[Poller, ...]:
        """Those of them that are given tasks."""
        return tuple(poller for poller in self.at_work if poller.version == self.current)


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
                version=_version(poller.deployment_options),
            )
            for poller in told.pollers
        ),
        longest_wait=told.stats.approximate_backlog_age.ToTimedelta(),
        answered_at=datetime.now(UTC),
        current=WorkerVersion.told(told.versioning_info.current_deployment_version),
    )


def _version(options: WorkerDeploymentOptions) -> WorkerVersion | None:
    if options.worker_versioning_mode != VERSIONED:
        return None
    return WorkerVersion(deployment=options.deployment_name, build=options.build_id)
