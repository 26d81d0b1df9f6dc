"""What a booking provider tells us of its own accord."""

from datetime import timedelta

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError

from domain.errors import WorkflowsUnreachable
from domain.sweeps import ProviderNotice
from workflows.provider_notice import ProviderNoticed
from workflows.queues import MAINTENANCE

TAKEN_WITHIN = timedelta(seconds=3)
"""Bookeo waits five seconds for its answer."""


class ProviderNotices:
    """Takes notices: each becomes a workflow, at once and only once."""

    def __init__(self, temporal: Client) -> None:
        self._temporal = temporal

    async def take(self, message_id: str, notice: ProviderNotice) -> bool:
        """Have it looked into. False where the same message was taken before.

        Raises:
            WorkflowsUnreachable: it was not taken; the provider has to send it again.
        """
        try:
            await self._temporal.start_workflow(
                ProviderNoticed.run,
                notice,
                id=f"provider-notice-{message_id}",
                task_queue=MAINTENANCE,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
                static_summary=f"{notice.provider} says that a booking changed",
                rpc_timeout=TAKEN_WITHIN,
            )
        except WorkflowAlreadyStartedError:
            return False
        except RPCError as error:
            raise WorkflowsUnreachable(
                f"Temporal did not take the notice ({error.status.name})."
            ) from error
        return True
