"""A recovery whose days are short, begun before the worker hears of the unpaid invoice.

The service's own run has 30 days. This one is the same workflow on the same worker, with another
timing in its input; what Stripe tells later finds it at work and only makes it look.
"""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from temporalio.client import Client
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError

from domain import run_words
from domain.identifiers import payment_recovery_workflow_id
from domain.payment_recovery import RecoveryOrder, RecoveryTiming
from sandbox.complaint import SandboxError

SERVICE = RecoveryTiming()
DAYS = SERVICE.grace.days


def shortened(day: timedelta) -> RecoveryTiming:
    """The service's own timing, with days of that length."""
    return RecoveryTiming(
        grace=_in_days(SERVICE.grace, day),
        reminders=tuple(
            reminder.model_copy(update={"before_end": _in_days(reminder.before_end, day)})
            for reminder in SERVICE.reminders
        ),
        least_notice=_in_days(SERVICE.least_notice, day),
    )


async def begin_recovery(
    env: Mapping[str, str], invoice_id: str, user_id: UUID, day: timedelta
) -> str:
    """Begin it in the sandbox with those variables; returns the workflow's id.

    Raises:
        SandboxError: Temporal did not take it, or the worker was faster.
    """
    name = payment_recovery_workflow_id(invoice_id)
    said = run_words.payment_recovery(invoice_id)
    order = RecoveryOrder(invoice_id=invoice_id, user_id=user_id, timing=shortened(day))
    try:
        client = await Client.connect(
            env["TEMPORAL_ADDRESS"],
            namespace=env["TEMPORAL_NAMESPACE"],
        )
        await client.start_workflow(
            "payment_recovery",
            order.model_dump(mode="json"),
            id=name,
            task_queue="maintenance",
            static_summary=said.summary,
            static_details=said.details,
        )
    except WorkflowAlreadyStartedError:
        raise SandboxError(
            "The worker heard of the unpaid invoice first, and gave it the service's 30 days."
        ) from None
    except (RPCError, RuntimeError) as silent:
        raise SandboxError(f"Temporal did not take the run ({type(silent).__name__}).") from silent
    return name


def _in_days(length: timedelta, day: timedelta) -> timedelta:
    return length / timedelta(days=1) * day
