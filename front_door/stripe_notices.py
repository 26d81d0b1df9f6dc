"""What Stripe tells us of its own accord, and what we ask it to be looked at."""

from datetime import timedelta
from uuid import UUID

import structlog
from temporalio.client import Client, WorkflowFailureError
from temporalio.common import WorkflowIDReusePolicy
from temporalio.service import RPCError

from domain import run_words
from domain.account_looks import AccountLook, StripeNotice
from domain.identifiers import account_look_workflow_id, stripe_event_workflow_id
from front_door.taking import taken_once
from workflows.queues import MAINTENANCE
from workflows.subscriptions import AccountLookWorkflow, StripeEventWorkflow

TAKEN_WITHIN = timedelta(seconds=5)
"""Stripe waits longer, but has more to tell."""

SEEN_WITHIN = timedelta(seconds=5)
"""A caller waits so long for the row to show what they changed."""

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class StripeNotices:
    """Takes events: each becomes a workflow, at once and only once."""

    def __init__(self, temporal: Client) -> None:
        self._temporal = temporal

    async def take(self, notice: StripeNotice) -> bool:
        """Have it looked into. False where the same event was taken before.

        One whose run failed may be sent once more, as from Stripe's dashboard.

        Raises:
            WorkflowsUnreachable: it was not taken; Stripe sends it again.
        """
        return await taken_once(
            self._temporal,
            StripeEventWorkflow.run,
            notice,
            workflow_id=stripe_event_workflow_id(notice.event_id),
            again=WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
            words=run_words.stripe_event(notice.kind),
            within=TAKEN_WITHIN,
            what="event",
        )

    async def look(self, user_id: UUID) -> None:
        """Have the account looked at, and wait a moment for it.

        Where it takes longer nothing is lost: Stripe tells of the same change by itself.
        """
        said = run_words.account_changed()
        try:
            run = await self._temporal.start_workflow(
                AccountLookWorkflow.run,
                AccountLook(user_id=user_id),
                id=account_look_workflow_id(user_id),
                task_queue=MAINTENANCE,
                # One at work has perhaps asked already: it looks once more.
                start_signal="look",
                static_summary=said.summary,
                static_details=said.details,
                rpc_timeout=TAKEN_WITHIN,
            )
            await run.result(rpc_timeout=SEEN_WITHIN)
        except (RPCError, WorkflowFailureError) as silent:
            _log.warning("account_not_seen", error=type(silent).__name__, user_id=user_id)
