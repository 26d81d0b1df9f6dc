"""Wishes to give a booking back whose cancellation broke off, or gave up: begun again, or told."""

from activities.clock import Clock
from activities.runs import Runs, RunState
from domain.findings import wish_open
from domain.sweeps import RunSweep
from gateways import Records


class LostCancellations:
    """Asks after their workflows. What a cancellation did is not done twice by the next."""

    def __init__(self, records: Records, runs: Runs, clock: Clock) -> None:
        self._records = records
        self._runs = runs
        self._clock = clock

    async def look(self, order: RunSweep) -> int:
        """Begin again what nobody is at; how many those were.

        Raises:
            RecordsError, WorkflowsUnreachable: the database, or Temporal, did not answer.
        """
        begun = 0
        for wish in await self._records.wishes_to_check(order):
            if self._clock.now() > wish.asked_at + order.wish_stuck_after:
                await self._records.raise_alert(wish_open(wish), unless_settled_since=wish.asked_at)
            if await self._runs.of_cancellation(wish.registration_id) is not RunState.RUNNING:
                await self._runs.begin_cancellation(wish.order)
                begun += 1
        return begun
