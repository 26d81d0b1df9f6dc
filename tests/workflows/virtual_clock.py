"""Time as the time-skipping server tells it."""

import time
from datetime import UTC, datetime, timedelta

from temporalio import activity


class VirtualClock:
    """Inside an activity: the server's start time of it, running on. Outside: `outside`."""

    def __init__(self) -> None:
        self.outside = datetime.now(UTC)
        self._entered: dict[bytes, float] = {}

    def now(self) -> datetime:
        if not activity.in_activity():
            return self.outside
        info = activity.info()
        if info.is_local:  # started by the worker, whose clock is the real one
            return self.outside
        entered = self._entered.setdefault(info.task_token, time.monotonic())
        return info.started_time + timedelta(seconds=time.monotonic() - entered)

    def ahead_of_host(self) -> timedelta:
        return self.now() - datetime.now(UTC)
