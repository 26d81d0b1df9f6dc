"""Doing steps at the same time where they do not wait for each other."""

import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Literal

State = Literal["waiting", "starting", "ready", "failed"]
Watch = Callable[[str, State, float], None]
"""Told of each step's name, its new state, and the seconds it took so far."""


@dataclass(frozen=True)
class Step:
    """One thing to do, after others."""

    name: str
    needs: tuple[str, ...]
    """Names of steps; one that is not among those to do is taken as done elsewhere."""
    do: Callable[[], None]


def in_order(steps: Iterable[Step], watch: Watch) -> None:
    """Do every step once all it needs are done.

    After a failure nothing further begins; what is under way is waited for, and the first
    exception is raised.
    """
    open_steps = {step.name: step for step in steps}
    for name in open_steps:
        watch(name, "waiting", 0)
    undone = set(open_steps)
    running: dict[Future[None], str] = {}
    failure: BaseException | None = None
    with ThreadPoolExecutor(max_workers=max(len(open_steps), 1)) as pool:
        while running or (open_steps and failure is None):
            for step in _startable(open_steps, undone) if failure is None else ():
                del open_steps[step.name]
                running[pool.submit(_timed, step, watch)] = step.name
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                undone.discard(running.pop(future))
                failure = failure or future.exception()
    if failure is not None:
        raise failure


def _startable(open_steps: Mapping[str, Step], undone: set[str]) -> list[Step]:
    return [step for step in open_steps.values() if undone.isdisjoint(step.needs)]


def _timed(step: Step, watch: Watch) -> None:
    began = time.monotonic()
    watch(step.name, "starting", 0)
    try:
        step.do()
    except BaseException:
        watch(step.name, "failed", time.monotonic() - began)
        raise
    watch(step.name, "ready", time.monotonic() - began)
