"""Work on many things: each in a workflow of its own, under an id that says whose it is.

So one that hangs or fails holds up no other, none is worked on by two runs at once, and what became
of each can be looked up by its id.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import ChildWorkflowError, WorkflowAlreadyStartedError
from temporalio.workflow import ChildWorkflowHandle, ParentClosePolicy

with workflow.unsafe.imports_passed_through():
    from domain.frozen import Frozen
    from domain.job_orders import EntityReport
    from domain.run_words import RunWords
    from workflows.durations import Duration

Order = TypeVar("Order", bound=Frozen)

AT_ONCE = 10
"""Begun and not ended: what the queue's workers hold at a time."""


def entity_id(work: str, entity: object, due: datetime | None = None) -> str:
    """The id of the workflow that does that work on that thing.

    Args:
        work: such as `backup`.
        entity: its opaque id; nothing personal.
        due: the nominal time, where the work is to be done once for each; None where a run of any
            time excludes another.
    """
    return f"{work}-{entity}" if due is None else f"{work}-{entity}-{due:%Y-%m-%dT%H:%M:%SZ}"


async def begin(
    child: Any,
    order: Frozen,
    *,
    workflow_id: str,
    within: timedelta,
    words: RunWords,
    again: bool = True,
) -> ChildWorkflowHandle[Any, Any] | None:
    """Begin the child workflow; None where one of that id is at work, or may not run again.

    It goes on where the run that began it ends early.

    Args:
        child: its run method.
        order: its input.
        workflow_id: as `entity_id` makes it.
        within: a run that is not done by then is ended.
        words: of the Web UI.
        again: whether one that ended well may run again under the id. Not, where the id has the
            nominal time, and being done once is all there may be of it. One that failed always may.
    """
    reuse = (
        WorkflowIDReusePolicy.ALLOW_DUPLICATE
        if again
        else WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY
    )
    try:
        return await workflow.start_child_workflow(
            child,
            order,
            id=workflow_id,
            id_reuse_policy=reuse,
            parent_close_policy=ParentClosePolicy.ABANDON,
            execution_timeout=within,
            static_summary=words.summary,
            static_details=words.details,
        )
    except WorkflowAlreadyStartedError:
        return None


async def run_each(
    child: Any,
    orders: Mapping[str, Order],
    *,
    takes: Duration,
    words: Callable[[Order], RunWords],
    again: bool = True,
) -> EntityReport:
    """Run the child workflow once for every order, AT_ONCE side by side, to the end of the last.

    At most some thousands: each is some five events of a history that may hold 50,000. The order of
    `orders` decides the order of beginning, and so must be the same in a replay: as an activity
    returned it.

    Args:
        child: its run method.
        orders: its input, by workflow id.
        takes: how long one activity of it is expected to take; its whole run ends by that row.
        words: of the Web UI, for each order.
        again: as for `begin`.
    """
    turn = asyncio.Semaphore(AT_ONCE)

    async def one(workflow_id: str, order: Order) -> EntityReport:
        async with turn:
            begun = await begin(
                child,
                order,
                workflow_id=workflow_id,
                within=takes.whole_run,
                words=words(order),
                again=again,
            )
            if begun is None:
                return EntityReport(left=1)
            try:
                await begun
            except ChildWorkflowError:
                return EntityReport(failed=1)
        return EntityReport(done=1)

    ends = await asyncio.gather(*(one(name, order) for name, order in orders.items()))
    return sum(ends, EntityReport())
