"""`plain_workflow`: sleep to the opening, then the same activities; see `plain_registration`."""

from datetime import timedelta

from bench.families import Family
from bench.programs.plain_registration import NAME, QUEUE
from bench.systems.ground import Ground, Measured, Plan
from bench.systems.registered import Registered
from bench.world import World
from domain.answers import DraftAnswer
from domain.contracts import ConfirmRequest
from domain.timing import Timing
from sandbox.program import Program

HEAD_START = timedelta(seconds=8)
"""It does nothing before the opening; only the confirmations must be over."""


class PlainWorkflow:
    """A durable workflow as one would first write it."""

    name = "plain_workflow"

    def programs(self, world: World) -> list[Program]:
        """One worker process."""
        module = "bench.programs.plain_worker"
        return [world.program("plain_worker", "-m", module, ready=world.polled(QUEUE))]

    def head_start(self, timing: Timing) -> timedelta:
        """See HEAD_START."""
        del timing
        return HEAD_START

    async def confirm(self, world: World, family: Family, draft: DraftAnswer) -> None:
        """Start its workflow, whose first step confirms."""
        del family
        await world.door.temporal.start_workflow(
            NAME,
            ConfirmRequest(
                registration_id=draft.registration_id,
                summary_digest=draft.summary_digest,
                accepted_fee_cents=draft.success_fee_cents,
                timing=world.timing,
            ),
            id=f"bench-plain-{draft.registration_id}",
            task_queue=QUEUE,
        )

    async def measure(self, ground: Ground, plan: Plan) -> Measured:
        """One run."""
        return (await Registered(ground, plan, self).observe()).measured
