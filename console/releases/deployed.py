"""The versions of our worker deployment, as Temporal knows them."""

from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

from google.protobuf.timestamp_pb2 import Timestamp
from temporalio.api.deployment.v1 import WorkerDeploymentInfo
from temporalio.api.enums.v1 import RoutingConfigUpdateState, WorkerDeploymentVersionStatus
from temporalio.api.workflowservice.v1 import DescribeWorkerDeploymentRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from console import answering as console_answering
from domain.frozen import Frozen, Instant

UNVERSIONED = "unversioned"
"""In the place of a build: workers that are of no deployment."""

ANSWER_WITHIN = timedelta(seconds=10)


_STATES = {
    WorkerDeploymentVersionStatus.WORKER_DEPLOYMENT_VERSION_STATUS_INACTIVE: "inactive",
    WorkerDeploymentVersionStatus.WORKER_DEPLOYMENT_VERSION_STATUS_CURRENT: "current",
    WorkerDeploymentVersionStatus.WORKER_DEPLOYMENT_VERSION_STATUS_RAMPING: "ramping",
    WorkerDeploymentVersionStatus.WORKER_DEPLOYMENT_VERSION_STATUS_DRAINING: "draining",
    WorkerDeploymentVersionStatus.WORKER_DEPLOYMENT_VERSION_STATUS_DRAINED: "drained",
    WorkerDeploymentVersionStatus.WORKER_DEPLOYMENT_VERSION_STATUS_CREATED: "created",
}


class Version(Frozen):
    """One version of the deployment."""

    build: str
    state: str
    """Temporal's word. Draining: it was current, and Temporal looks whether a run still needs it;
    none of ours ever does."""
    first_asked_at: Instant
    """When the first worker of it asked for work."""
    current_at: Instant | None = None
    """When it last became current; None where it never was."""


class Deployed(Frozen):
    """A deployment: which build gets the work, and which could."""

    deployment: str
    current: str = UNVERSIONED
    settled: bool = True
    """Whether every task queue has heard of the last change."""
    versions: tuple[Version, ...] = ()
    """Newest first."""

    def before(self) -> str | None:
        """The build that was current before the one that is; None where none was."""
        former = [each for each in self.versions if each.current_at and each.build != self.current]
        return max(former, key=_current_at).build if former else None


async def look_at_deployment(client: Client, deployment: str) -> Deployed:
    """What Temporal knows of it; one that no worker ever asked for has no versions.

    Raises:
        WorkflowsUnreachable: Temporal refused or did not answer.
    """
    asked = DescribeWorkerDeploymentRequest(namespace=client.namespace, deployment_name=deployment)
    with answering(client):
        try:
            told = await client.workflow_service.describe_worker_deployment(
                asked, timeout=ANSWER_WITHIN
            )
        except RPCError as refused:
            if refused.status is RPCStatusCode.NOT_FOUND:
                return Deployed(deployment=deployment)
            raise
    info = told.worker_deployment_info
    state = info.routing_config_update_state
    return Deployed(
        deployment=deployment,
        current=info.routing_config.current_deployment_version.build_id or UNVERSIONED,
        settled=state != RoutingConfigUpdateState.ROUTING_CONFIG_UPDATE_STATE_IN_PROGRESS,
        versions=_versions(info),
    )


def answering(client: Client) -> AbstractContextManager[None]:
    """As `console.answering`, of worker deployments."""
    return console_answering.answering(client, "what concerns worker deployments")


def _versions(info: WorkerDeploymentInfo) -> tuple[Version, ...]:
    found = [
        Version(
            build=each.deployment_version.build_id,
            state=_STATES.get(each.status, "unknown"),
            first_asked_at=each.create_time.ToDatetime(UTC),
            current_at=_instant(each.last_current_time),
        )
        for each in info.version_summaries
    ]
    return tuple(sorted(found, key=lambda each: each.first_asked_at, reverse=True))


def _instant(told: Timestamp) -> datetime | None:
    return told.ToDatetime(UTC) if told.seconds else None


def _current_at(version: Version) -> datetime:
    return version.current_at or datetime.min.replace(tzinfo=UTC)
