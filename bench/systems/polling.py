"""`polling`: the kind of worker that the service replaces; see `polling_worker`."""

from datetime import UTC, datetime, timedelta

from bench.families import Family
from bench.systems.ground import Ground, Measured, Plan
from bench.systems.registered import Registered
from bench.world import World
from domain.answers import DraftAnswer
from domain.consent import mandate_valid_until
from domain.identifiers import operation_key
from domain.timing import Timing
from sandbox.program import Program

HEAD_START = timedelta(seconds=8)


class Polling:
    """One process that asks the table every second, and does one job at a time."""

    name = "polling"

    def programs(self, world: World) -> list[Program]:
        """The one process; it needs no preparation that could be waited for."""
        module = "bench.programs.polling_worker"
        return [world.program("polling_worker", "-m", module, ready=lambda: True)]

    def head_start(self, timing: Timing) -> timedelta:
        """It does nothing before the opening."""
        del timing
        return HEAD_START

    async def confirm(self, world: World, family: Family, draft: DraftAnswer) -> None:
        """Only the row: it knows no workflow."""
        del family
        registration_id = draft.registration_id
        row = await world.door.records.registration(registration_id)
        await world.door.records.confirm(
            registration_id,
            row.version,
            mandate_valid_until(max(draft.scheduled_time, datetime.now(UTC)), world.timing),
            operation_key(registration_id, "confirm/poll"),
        )

    async def measure(self, ground: Ground, plan: Plan) -> Measured:
        """One run."""
        return (await Registered(ground, plan, self).observe()).measured
