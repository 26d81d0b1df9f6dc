"""What a booking provider tells us of its own accord."""

from datetime import timedelta

from temporalio.client import Client
from temporalio.common import WorkflowIDReusePolicy

from domain import run_words
from domain.sweeps import ProviderNotice
from front_door.taking import taken_once
from workflows.provider_notice import ProviderNoticed

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
        return await taken_once(
            self._temporal,
            ProviderNoticed.run,
            notice,
            workflow_id=f"provider-notice-{message_id}",
            again=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            words=run_words.provider_notice(notice.provider),
            within=TAKEN_WITHIN,
            what="notice",
        )
