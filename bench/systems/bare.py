"""Running a program that knows nothing durable: it arms, says when, sends, and says how it went."""

import asyncio
import os
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import uuid4

from bench.complaint import BenchError
from bench.opening import programs_at
from bench.programs.orders import Armed, Job, Sent, Wanted
from bench.provider import credentials
from bench.systems.ground import Ground, Plan
from bench.usage import Meter
from bench.world import NOTICE
from domain.identifiers import external_ref
from domain.pacing import Pace
from domain.programs import Program
from sandbox.program import ROOT

ARMED_WITHIN_S = 180
SENT_WITHIN_S = 120
LONGEST_LINE = 10_000_000
"""Bytes."""


class Bare(NamedTuple):
    """What one such program did."""

    armed: Armed
    sent: Sent
    due: dict[str, datetime]
    """When each reference was to be sent."""
    meter: Meter
    armed_in_s: float
    cpu_s_by_part: dict[str, float]


async def run_bare(ground: Ground, plan: Plan, module: str, part: str) -> Bare:
    """Run it for one plan.

    Args:
        ground: where.
        plan: how many, over how many accounts.
        module: the program, `bench.programs.…`.
        part: what its processor time is counted as.

    Raises:
        BenchError: it did not do its work in time.
    """
    world = ground.world
    programs = programs_at(plan.spread_over, None)
    await asyncio.to_thread(world.provider.put_events, programs, plan.n)
    job = Job(wanted=tuple(_wanted(plan, number, programs) for number in range(plan.n)))
    began = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        cwd=ROOT,
        env={**os.environ, **world.stack.env},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=LONGEST_LINE,
    )
    try:
        if process.stdin is None or process.stdout is None:
            raise AssertionError("pipes were asked for")
        process.stdin.write(job.model_dump_json().encode() + b"\n")
        await process.stdin.drain()
        armed = Armed.model_validate_json(await _line(process.stdout, ARMED_WITHIN_S, module))
        armed_in = time.monotonic() - began
        world.progress.say(f"{plan.n:,} armed in {armed_in:.0f} s")
        await asyncio.sleep((armed.send_at - NOTICE - datetime.now(UTC)).total_seconds())
        meter = Meter({part: [process.pid], **world.servers()})
        meter.look()
        sent = Sent.model_validate_json(await _line(process.stdout, SENT_WITHIN_S, module))
        meter.look()
        cpu_s = meter.cpu_s()
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
    due = {one.reference: armed.send_at + one.delay for one in job.wanted}
    return Bare(armed, sent, due, meter, armed_in, cpu_s)


def _wanted(plan: Plan, number: int, programs: list[tuple[int, Program]]) -> Wanted:
    account, program = programs[number % plan.spread_over]
    rank = number // plan.spread_over + 1
    return Wanted(
        reference=external_ref(uuid4()),
        credentials=credentials(account),
        event_id=program.event_id,
        event_start=program.starts_at,
        delay=Pace().delay(rank),
    )


async def _line(told: asyncio.StreamReader, seconds: float, module: str) -> bytes:
    try:
        async with asyncio.timeout(seconds):
            line = await told.readline()
    except TimeoutError:
        line = b""
    if not line:
        raise BenchError(
            f"{module} did not do its work within {seconds:g} s; what it said is above."
        )
    return line
