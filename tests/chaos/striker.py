"""Strikes the machinery as a soak's plan says."""

import asyncio
import os
import signal
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from sandbox.up import Stack
from tests.chaos.crew import Crew, Member
from tests.chaos.soak_plan import PlannedStrike, Strike

PAUSE_S = 11.0
"""Longer than the lease, and than the quiet period after which another sends."""


@dataclass
class Striker:
    """Of the crew the first is spared: its memory tells whether it grows."""

    stack: Stack
    crew: Crew
    done: Counter[Strike] = field(default_factory=Counter[Strike])
    _waking: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])

    async def strike(self, strikes: Sequence[PlannedStrike]) -> None:
        """Do all of them, each at its time."""
        began = time.monotonic()
        for planned in strikes:
            await asyncio.sleep(max(began + planned.at_s - time.monotonic(), 0))
            await self._do(planned)
            self.done[planned.strike] += 1

    async def _do(self, planned: PlannedStrike) -> None:
        victims = self.crew.members[1:]
        member = victims[int(planned.draw * len(victims))]
        match planned.strike:
            case Strike.KILL_PART:
                pids = member.pids
                _send(
                    pids[int(planned.draw * 97) % len(pids) :][:1] if pids else [], signal.SIGKILL
                )
            case Strike.KILL_WORKER:
                _send(member.pids, signal.SIGKILL)
            case Strike.PAUSE_WORKER:
                self._pause(member)
            case Strike.RESTART_TEMPORAL:
                await asyncio.to_thread(self._restart, "temporal")
            case Strike.RESTART_DATA_API:
                await asyncio.to_thread(self._restart, "data_api")

    def _pause(self, member: Member) -> None:
        _send(member.pids, signal.SIGSTOP)

        async def wake() -> None:
            await asyncio.sleep(PAUSE_S)
            self.crew.wake(member)

        task = asyncio.create_task(wake())
        self._waking.add(task)
        task.add_done_callback(self._waking.discard)

    def _restart(self, name: str) -> None:
        self.stack.kill(name)
        self.stack.restart(name)


def _send(pids: Sequence[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)
