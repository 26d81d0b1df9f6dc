"""The workflows that recover payments, as somebody reaches them who is none of them."""

from datetime import timedelta

from temporalio.client import Client
from temporalio.common import WorkflowIDReusePolicy
from temporalio.service import RPCError

from activities.failures import unanswered
from domain import run_words
from domain.identifiers import payment_recovery_workflow_id
from domain.payment_recovery import RecoveryOrder

ANSWER_WITHIN = timedelta(seconds=5)


class RecoveryRuns:
    """Temporal, asked by name and id.

    Args of construction:
        client: of Temporal.
        queue: the task queue that these workflows are served on.
    """

    def __init__(self, client: Client, queue: str) -> None:
        self._client = client
        self._queue = queue

    async def reach(self, order: RecoveryOrder) -> None:
        """Tell the invoice's run to look, and start it where none is at work.

        One that has ended is no hindrance: where there is nothing to recover, the new one ends
        with its first look.

        Raises:
            WorkflowsUnreachable: no answer; the same call may be repeated.
        """
        said = run_words.payment_recovery(order.invoice_id)
        try:
            await self._client.start_workflow(
                "payment_recovery",
                order,
                id=payment_recovery_workflow_id(order.invoice_id),
                task_queue=self._queue,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                start_signal="look",
                static_summary=said.summary,
                static_details=said.details,
                rpc_timeout=ANSWER_WITHIN,
            )
        except RPCError as error:
            raise unanswered(error) from error
