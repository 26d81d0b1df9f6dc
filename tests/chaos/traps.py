"""The end that a worker under test makes of itself where the plan says so."""

import os
import re
import signal
import time
from collections.abc import Callable
from uuid import UUID

from temporalio import activity

from tests.chaos.trap_plan import Blow, Point, TrapPlan

NAMED = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

BLOWS: dict[Blow, Callable[[], None]] = {
    Blow.KILL_PART: lambda: os.kill(os.getpid(), signal.SIGKILL),
    Blow.KILL_WORKER: lambda: os.killpg(0, signal.SIGKILL),
    Blow.PAUSE_WORKER: lambda: os.killpg(0, signal.SIGSTOP),
}

STRUCK_WITHIN_S = 0.05
"""The kernel may let another thread take the signal: this one goes no step further meanwhile."""


class Traps:
    """Asked at every place that a plan can name."""

    def __init__(self, plan: TrapPlan) -> None:
        self._plan = plan

    def reached(self, registration: UUID, step: str, point: Point) -> None:
        """Where a trap is set here, the process does not come out of it, or comes out late."""
        blow = self._plan.claim(registration, step, point, os.getpid())
        if blow is not None:
            BLOWS[blow]()
            time.sleep(STRUCK_WITHIN_S)

    def reached_in_activity(self, point: Point, effect: str | None = None) -> None:
        """The same in an activity, of which the call of a gateway may be the effect."""
        if not activity.in_activity():
            return
        info = activity.info()
        registration = registration_of(info.workflow_id or "")
        if registration is not None:
            step = info.activity_type if effect is None else f"{info.activity_type}:{effect}"
            self.reached(registration, step, point)


def registration_of(workflow_id: str) -> UUID | None:
    """The registration that the run is about; None where it is about none."""
    found = NAMED.search(workflow_id)
    return UUID(found[0]) if found else None
