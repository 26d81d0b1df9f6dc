"""What becomes of a worker that was struck: one way for each recovery."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from sandbox.up import Stack
from tests.chaos.cells import Recovery
from tests.chaos.crew import Crew, Member

EVERY_S = 0.05
BACK_AFTER_S = 0.1
"""The same worker: as its supervisor would."""
REPLACED_AFTER_S = 4.0
"""Another worker has taken over by then."""
GATHERED_S = 3.0
"""Workers that died within this share a restart of the server: each takes it seconds."""
PAUSE_S = 11.0
"""Past the lease and the opening, and past the quiet period after which another sends."""
ZOMBIE_S = 12.0
"""How long one that woke is left to do what it was about to do."""
MOST_PAUSED = 6
"""Standing still at the same time."""

WORKERS = {
    Recovery.SAME_WORKER: 1,
    Recovery.OTHER_WORKER: 2,
    Recovery.SERVER_RESTART: 4,
    Recovery.PAUSED_WORKER: 2,
}


@dataclass
class Warden:
    """Looks after the workers of one wave."""

    stack: Stack
    crew: Crew
    recovery: Recovery
    _since: dict[int, float] = field(default_factory=dict[int, float])
    """By worker: since when it lacks a part, stands still, or is awake again."""
    _woken: set[int] = field(default_factory=set[int])

    async def watch(self) -> None:
        """Until cancelled."""
        for _ in range(WORKERS[self.recovery]):
            self.crew.enlist()
        while True:
            await self._look()
            await asyncio.sleep(EVERY_S)

    async def _look(self) -> None:
        struck = [member for member in self.crew.members if member.missing]
        match self.recovery:
            case Recovery.PAUSED_WORKER:
                self._look_at_paused()
            case Recovery.SERVER_RESTART:
                if max(map(self._lasts, struck), default=0) >= GATHERED_S:
                    await asyncio.to_thread(self._restart_server)
                    self._revive(struck)
            case Recovery.SAME_WORKER:
                self._revive([one for one in struck if self._lasts(one) >= BACK_AFTER_S])
            case Recovery.OTHER_WORKER:
                self._revive([one for one in struck if self._lasts(one) >= REPLACED_AFTER_S])
                if len(struck) == len(self.crew.members):
                    self._revive(struck[:1])

    def _revive(self, struck: Sequence[Member]) -> None:
        for member in struck:
            self._since.pop(member.number, None)
            self.crew.revive(member)

    def _restart_server(self) -> None:
        self.stack.kill("temporal")
        self.stack.restart("temporal")

    def _look_at_paused(self) -> None:
        awake = 0
        for member in tuple(self.crew.members):
            if member.paused:
                self._woken.discard(member.number)
                if self._lasts(member) >= PAUSE_S:
                    self._since.pop(member.number)
                    self.crew.wake(member)
                    self._woken.add(member.number)
            elif member.number not in self._woken:
                awake += 1
            elif self._lasts(member) >= ZOMBIE_S:
                self._since.pop(member.number)
                self.crew.dismiss(member)
        for _ in range(awake, WORKERS[self.recovery]):
            if len(self.crew.members) < WORKERS[self.recovery] + MOST_PAUSED:
                self.crew.enlist()

    def _lasts(self, member: Member) -> float:
        now = time.monotonic()
        return now - self._since.setdefault(member.number, now)


async def keep_alive(crew: Crew, workers: int) -> None:
    """Have so many workers, and any that died back at once; until cancelled."""
    for _ in range(workers):
        crew.enlist()
    while True:
        for member in crew.members:
            crew.revive(member)
        await asyncio.sleep(EVERY_S)
