"""Making one build's workers those that get the work."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

from temporalio.api.workflowservice.v1 import SetWorkerDeploymentCurrentVersionRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from console.releases.deployed import (
    ANSWER_WITHIN,
    UNVERSIONED,
    Deployed,
    answering,
    look_at_deployment,
)
from console.task_queues import QueueState, WorkerVersion, look_at_queues
from domain.errors import OutsideError
from domain.frozen import Frozen

LOOK_EVERY = timedelta(milliseconds=500)

HEARD_OF_WITHIN = timedelta(seconds=10)
"""A worker asks for work a moment before Temporal counts its build among those of the queue; on a
busy server it takes seconds."""

SETTLES_WITHIN = timedelta(seconds=60)
"""Temporal tells each task queue by itself, within about a second."""


class NobodyAsks(OutsideError):
    """Not every task queue has a worker of that build: what it gave them would not be done."""


class NotSettled(OutsideError):
    """Temporal took the change, and not every task queue has heard of it."""


class Promoted(Frozen):
    """What was done."""

    deployment: str
    current: str
    """The build that gets the work now; UNVERSIONED for workers of no deployment."""
    before: str


async def promote_build(client: Client, deployment: str, build: str, wait: timedelta) -> Promoted:
    """Give the work to that build: what is new, and each run with its next task.

    It may be repeated.

    Args:
        client: of the namespace.
        deployment: the name of ours.
        build: of its workers; UNVERSIONED for those of no deployment.
        wait: for so long its workers may still be starting.

    Raises:
        NobodyAsks: they do not ask every task queue; nothing was changed.
        NotSettled: it is done, but for the last task queues.
        WorkflowsUnreachable: Temporal refused or did not answer.
    """
    await _until(lambda: _all_asked(client, deployment, build), wait)
    before = (await look_at_deployment(client, deployment)).current
    if before != build:
        await _until(lambda: _set_current(client, deployment, build), HEARD_OF_WITHIN)
    await _until(lambda: _settled(client, deployment), SETTLES_WITHIN)
    return Promoted(deployment=deployment, current=build, before=before)


def unasked(states: Sequence[QueueState], version: WorkerVersion | None) -> list[str]:
    """What no worker of that version asks for, as `letters (activities)`; None is unversioned."""
    return [
        f"{each.queue} ({each.tasks.word})"
        for each in states
        if not any(poller.version == version for poller in each.at_work)
    ]


def version_of(deployment: str, build: str) -> WorkerVersion | None:
    """As its pollers show it."""
    if build == UNVERSIONED:
        return None
    return WorkerVersion(deployment=deployment, build=build)


async def _all_asked(client: Client, deployment: str, build: str) -> None:
    with answering(client):
        states = await look_at_queues(client)
    missing = unasked(states, version_of(deployment, build))
    if missing:
        whose = f"of build {build} of {deployment}" if build != UNVERSIONED else "without version"
        raise NobodyAsks(
            f"No worker {whose} asks for {', '.join(missing)}, so nothing was changed. Start its "
            "workers, all of them, and repeat this; --wait 60 waits for them."
        )


async def _settled(client: Client, deployment: str) -> None:
    if not (await look_at_deployment(client, deployment)).settled:
        raise NotSettled(
            "Temporal took the change, and not all task queues have heard of it. Leave the other "
            "workers running, and repeat this."
        )


async def _set_current(client: Client, deployment: str, build: str) -> None:
    asked = SetWorkerDeploymentCurrentVersionRequest(
        namespace=client.namespace,
        deployment_name=deployment,
        build_id="" if build == UNVERSIONED else build,
        identity=client.identity,
    )
    with answering(client):
        try:
            await client.workflow_service.set_worker_deployment_current_version(
                asked, timeout=ANSWER_WITHIN
            )
        except RPCError as refused:
            if refused.status not in (RPCStatusCode.NOT_FOUND, RPCStatusCode.FAILED_PRECONDITION):
                raise
            raise NobodyAsks(
                f"Temporal does not make build {build} of {deployment} current: {refused.message}"
            ) from refused


async def _until(look: Callable[[], Awaitable[None]], wait: timedelta) -> None:
    """Look until it raises no more; what it raised last, where that takes longer."""
    deadline = time.monotonic() + wait.total_seconds()
    while True:
        try:
            return await look()
        except (NobodyAsks, NotSettled):
            if time.monotonic() >= deadline:
                raise
        await asyncio.sleep(LOOK_EVERY.total_seconds())


def to_go_back_to(deployed: Deployed) -> str:
    """The build that was current before.

    Raises:
        NobodyAsks: none was.
    """
    before = deployed.before()
    if before is None:
        raise NobodyAsks(
            f"No other build of {deployed.deployment} was ever current. To give the work back to "
            f"workers without version: python starter.py release promote {UNVERSIONED}"
        )
    return before
