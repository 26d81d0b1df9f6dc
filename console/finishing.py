"""Whether a release may be finished: whether only its own workers are left."""

from collections.abc import Sequence

from temporalio.client import Client
from temporalio.service import RPCError

from console.task_queues import GONE_AFTER, QueueState, look_at_queues
from domain.errors import OutsideError, WorkflowsUnreachable
from release import Release


class OlderAtWork(OutsideError):
    """Somebody may still use what would be taken away."""


async def refuse_older_workers(client: Client) -> None:
    """Pass where no worker asks Temporal for work but those of this release's build.

    MCP servers ask it for none, so they do not show: an operator has to know.

    Raises:
        OlderAtWork: another build is at work.
        SettingsError: WORKER_BUILD_ID is malformed.
        WorkflowsUnreachable: Temporal refused or did not answer.
    """
    try:
        states = await look_at_queues(client)
    except RPCError as error:
        raise WorkflowsUnreachable(
            f"Temporal did not tell who asks the task queues of namespace {client.namespace} "
            f"({error.status.name}). The same command may be repeated."
        ) from error
    refuse_others(states, Release.here().build)


def refuse_others(states: Sequence[QueueState], own: str) -> None:
    """The same, from what Temporal told.

    Raises:
        OlderAtWork: as above.
    """
    at_work = {poller.identity: poller.build for state in states for poller in state.at_work}
    others = {who: build for who, build in at_work.items() if build != own}
    if not others:
        return
    seen = ", ".join(f"{build} ({who})" for who, build in sorted(others.items()))
    raise OlderAtWork(
        f"Workers of another build than this release's, {own}, are at work: {seen}. Nothing was "
        "done. End them and the MCP servers of that release with SIGTERM, wait "
        f"{GONE_AFTER.total_seconds() / 60:.0f} minutes, and run this again; or, when none of "
        "them is older, add --yes."
    )
