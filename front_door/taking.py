"""Taking what somebody outside tells us: a workflow for each message, and one only."""

from datetime import timedelta
from typing import Any

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError

from domain.errors import WorkflowsUnreachable
from domain.frozen import Frozen
from domain.run_words import RunWords
from workflows.queues import MAINTENANCE


async def taken_once(
    temporal: Client,
    run: Any,
    message: Frozen,
    *,
    workflow_id: str,
    again: WorkflowIDReusePolicy,
    words: RunWords,
    within: timedelta,
    what: str,
) -> bool:
    """Have it looked into. False where the same message was taken before.

    Args:
        temporal: the client.
        run: the workflow's run method.
        message: its input.
        workflow_id: of the message's own id.
        again: whether one that has ended may run again.
        words: of the Web UI.
        within: how long Temporal has to take it.
        what: the message, as a complaint names it.

    Raises:
        WorkflowsUnreachable: it was not taken, and has to be sent again.
    """
    try:
        await temporal.start_workflow(
            run,
            message,
            id=workflow_id,
            task_queue=MAINTENANCE,
            id_reuse_policy=again,
            id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
            static_summary=words.summary,
            static_details=words.details,
            rpc_timeout=within,
        )
    except WorkflowAlreadyStartedError:
        return False
    except RPCError as error:
        raise WorkflowsUnreachable(
            f"Temporal did not take the {what} ({error.status.name})."
        ) from error
    return True
