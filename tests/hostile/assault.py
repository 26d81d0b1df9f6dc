"""All of it together, and whether the server still stands as it stood before."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, cast
from unittest import mock

from hypothesis import strategies as st

from tests.eventually import eventually
from tests.hostile.blows import Blow, Outcome
from tests.hostile.drawing import drawn
from tests.hostile.heads import heads
from tests.hostile.http_api import requests_to
from tests.hostile.logbook import kept
from tests.hostile.messages import messages
from tests.hostile.slow_clients import dawdling
from tests.hostile.speech import spoken
from tests.hostile.target import Target
from tests.hostile.task_calls import task_calls
from tests.hostile.tool_calls import tool_calls

SHARES: dict[Callable[[Target], st.SearchStrategy[Any]], float] = {
    tool_calls: 0.45,
    task_calls: 0.05,
    messages: 0.25,
    heads: 0.15,
    requests_to: 0.1,
}
AT_ONCE = 16
SLOW_AT_ONCE = 10
HEAD_WITHIN = timedelta(seconds=0.5)
"""Shorter than in earnest: most of the tricks with heads end in waiting for the rest."""

GOOD_CALL_WITHIN_S = 1.0
"""Of the best of a few, so that a busy machine is no fault of the server."""

SHOWN = 20


@dataclass
class Report:
    """What became of the inputs and of the server."""

    statuses: dict[str, Counter[int]] = field(default_factory=dict[str, Counter[int]])
    faults: list[str] = field(default_factory=list[str])
    slowest_ms: float = 0
    """Of good calls, the best of each few, before, meanwhile and after."""

    @property
    def count(self) -> int:
        """How many inputs were answered, or had their connection ended."""
        return sum(kind.total() for kind in self.statuses.values())

    def add(self, outcomes: Sequence[Outcome]) -> None:
        """Count those."""
        for outcome in outcomes:
            self.statuses.setdefault(outcome.kind, Counter())[outcome.status] += 1
            if outcome.fault:
                self.faults.append(f"{outcome.kind}: {outcome.fault}")

    def lines(self) -> list[str]:
        """For a person."""
        return [
            *(
                f"{kind:28} {found.total():6}   "
                + "  ".join(f"{status or 'ended'}: {n}" for status, n in sorted(found.items()))
                for kind, found in self.statuses.items()
            ),
            f"A good call took {self.slowest_ms:.0f} ms at most.",
            *(f"FAULT {fault}" for fault in self.faults[:SHOWN]),
            f"{self.count} inputs; {len(self.faults) or 'no'} faults.",
        ]


async def assault(target: Target, count: int, seed: int) -> Report:
    """So many bad inputs, the same ones for the same seed, in an order of their own."""
    report = Report()
    with (
        mock.patch("mcp_server.limits.connections.HEAD_WITHIN", HEAD_WITHIN),
        kept() as logbook,
    ):
        tasks = len(asyncio.all_tasks())
        before = target.world.records.everything()
        started = dict(target.world.temporal.started)
        await _time_a_good_call(target, report)
        async with dawdling(target, SLOW_AT_ONCE) as slow:
            for strategy, share in SHARES.items():
                # In a thread, or the server would stand still meanwhile: it shares our loop.
                blows = await asyncio.to_thread(drawn, strategy(target), round(count * share), seed)
                await _strike(cast("list[Blow]", blows), report)
                await _time_a_good_call(target, report)
        report.add(slow)
        await _time_a_good_call(target, report)
        if target.world.records.everything() != before or target.world.temporal.started != started:
            report.faults.append("something was changed")
        await _wait_for_quiet(tasks, report)
    report.faults.extend(logbook.faults)
    return report


async def _wait_for_quiet(tasks: int, report: Report) -> None:
    """Nothing goes on working for those who have gone."""
    try:
        await eventually(lambda: len(asyncio.all_tasks()) <= tasks)
    except TimeoutError:
        report.faults.append(f"{len(asyncio.all_tasks()) - tasks} tasks are still at work")


async def _strike(blows: list[Blow], report: Report) -> None:
    """All of them, so many at once."""
    left = iter(blows)

    async def one_after_another() -> None:
        for blow in left:
            report.add([await blow.land()])

    async with asyncio.TaskGroup() as strikers:
        for _ in range(AT_ONCE):
            strikers.create_task(one_after_another())


async def _time_a_good_call(target: Target, report: Report) -> None:
    """A parent who does nothing wrong is served, and soon."""
    took: list[float] = []
    call: dict[str, Any] = {"name": "list_registrations", "arguments": {}}
    body, headers = spoken(target.world.issuer.token("ann"), "tools/call", call, modern=True)
    for _ in range(3):
        begun = time.perf_counter()
        answer = await target.http.post("/mcp", content=body, headers=headers)
        took.append(time.perf_counter() - begun)
        if answer.json()["result"]["structuredContent"]["registrations"][0]["status"] != "pending":
            report.faults.append("a good call was answered wrongly")
    report.slowest_ms = max(report.slowest_ms, min(took) * 1_000)
    if min(took) > GOOD_CALL_WITHIN_S:
        report.faults.append(f"a good call took {min(took):.1f} s")
