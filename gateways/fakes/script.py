"""What a fake is told to do instead of answering."""

import asyncio
from collections import defaultdict, deque
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """One call's fate."""

    error: Exception | None
    after_commit: bool
    gate: asyncio.Event | None


class Script:
    """Failures and waits queued per method; a call without a queued step goes as usual."""

    def __init__(self) -> None:
        self._steps: dict[str, deque[Step]] = defaultdict(deque)

    def fail_next(
        self, method: str, error: Exception, *, after_commit: bool = False, times: int = 1
    ) -> None:
        """Let the next `times` calls of `method` raise `error`.

        With `after_commit` the call first does what it was asked to: the lost answer.
        """
        self._steps[method].extend([Step(error, after_commit, None)] * times)

    def hold_next(self, method: str, *, after_commit: bool = False) -> asyncio.Event:
        """Let the next call of `method` wait until the returned event is set."""
        gate = asyncio.Event()
        self._steps[method].append(Step(None, after_commit, gate))
        return gate

    def pending(self, method: str) -> int:
        """How many steps of that method are still queued."""
        return len(self._steps[method])

    def forget(self, method: str) -> None:
        """Let every further call of that method go as usual."""
        self._steps[method].clear()

    def clear(self) -> None:
        """Forget every queued step."""
        self._steps.clear()

    def take(self, method: str) -> "Turn":
        """The fate of the call that begins now."""
        steps = self._steps[method]
        return Turn(steps.popleft() if steps else Step(None, after_commit=False, gate=None))


class Turn:
    """One call's way through the script."""

    def __init__(self, step: Step) -> None:
        self._step = step

    async def before(self) -> None:
        """To be passed before anything is changed."""
        if not self._step.after_commit:
            await self._play()

    async def after(self) -> None:
        """To be passed when everything is changed and nothing is answered."""
        if self._step.after_commit:
            await self._play()

    async def _play(self) -> None:
        if self._step.gate is not None:
            await self._step.gate.wait()
        if self._step.error is not None:
            raise self._step.error
