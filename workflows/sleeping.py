"""The sleeps of a registration before it is armed: each ends early for a change."""

from datetime import datetime, timedelta
from uuid import UUID

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from domain.timing import Timing
    from workflows.change_requests import ChangeRequests
    from workflows.wake import turn


class Sleeping:
    """Durable waits of one registration."""

    def __init__(self, registration_id: UUID, timing: Timing, changes: ChangeRequests) -> None:
        self._registration_id = registration_id
        self._timing = timing
        self._changes = changes

    async def until(self, instant: datetime, words: str) -> bool:
        """True when it was reached, False when a change came first. It may lie in the past."""
        try:
            await workflow.wait_condition(
                lambda: bool(self._changes.waiting),
                timeout=max(instant - workflow.now(), timedelta()),
                timeout_summary=words,
            )
        except TimeoutError:
            return True
        return False

    def turn_to_come(self, scheduled_time: datetime, sharing_instant: int) -> datetime | None:
        """When its turn to be armed comes; None when that is now."""
        at = turn(self._registration_id, scheduled_time, self._timing, sharing_instant)
        return at if at > workflow.now() else None
