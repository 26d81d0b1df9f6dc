"""Telling the parent beside the run: one delivery at a time, never in its way."""

import asyncio
from uuid import UUID

from temporalio import workflow
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from workflows import steps


class Teller:
    """Delivers the outbox whenever something may be in it."""

    def __init__(self, registration_id: UUID) -> None:
        self._registration_id = registration_id
        self._nudged = False
        self._ending = False

    def nudge(self) -> None:
        """There may be a letter to send."""
        self._nudged = True

    async def run(self) -> None:
        """Deliver until told to finish. A mail server that stays silent ends nothing."""
        while True:
            await workflow.wait_condition(lambda: self._nudged or self._ending)
            if not self._nudged:
                return
            self._nudged = False
            try:
                await steps.tell(self._registration_id)
            except ActivityError:
                workflow.logger.warning("a letter stays in the outbox for its sweep")

    async def finish(self, running: asyncio.Task[None]) -> None:
        """Deliver what is left, then end."""
        self._ending = True
        await running
