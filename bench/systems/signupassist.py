"""`signupassist`: the whole stack, through the front door, with `python worker.py`."""

from datetime import timedelta

from bench.complaint import BenchError
from bench.families import Family
from bench.systems.ground import Ground, Measured, Plan
from bench.systems.registered import MARGIN, Registered
from bench.world import World
from domain.answers import DraftAnswer
from domain.errors import RecordsUnavailable, WorkflowsUnreachable
from domain.timing import Timing
from sandbox.program import Program

PATIENCE = 3
"""Times that a confirmation is asked for; each takes up to 20 s."""


class SignupAssist:
    """The service as it is run."""

    name = "signupassist"

    def programs(self, world: World) -> list[Program]:
        """One worker, with all its parts."""
        return [world.worker()]

    def head_start(self, timing: Timing) -> timedelta:
        """Preflights of a crowd begin this long before the opening, and a little more."""
        return timing.lead + timing.longest_spread + timing.preparation + MARGIN

    async def confirm(self, world: World, family: Family, draft: DraftAnswer) -> None:
        """As the chat does it; where no answer came in time, it asks again."""
        words = (draft.registration_id, draft.summary_digest, draft.success_fee_cents)
        for _ in range(PATIENCE):
            try:
                await world.door.changes.confirm(family.user_id, *words)
            except (RecordsUnavailable, WorkflowsUnreachable):
                continue
            return
        raise BenchError("A confirmation got no answer. Run it on an idle machine.")

    async def measure(self, ground: Ground, plan: Plan) -> Measured:
        """One run."""
        return (await Registered(ground, plan, self).observe()).measured
