"""Many registrations that wait for next week: what waiting costs."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

from bench.opening import Place, offer, programs_at
from bench.scenarios.scenario import Check, Finding, Scenario
from bench.systems import Ground
from bench.systems.registered import confirmed
from bench.systems.signupassist import SignupAssist
from bench.usage import Meter
from domain.timing import Timing

FAMILIES = 100
IN = timedelta(days=7)
MEASURED_S = 60.0
SETTLED_S = 45.0
"""Letters of the last confirmations go out meanwhile, and Postgres sums up its counts."""

CPU_SHARE = 0.02
OWN_TRANSACTIONS = 2
"""What the measuring itself costs."""


async def _play(ground: Ground, n: int, tls: bool) -> Finding:
    del tls
    world = ground.world
    world.progress.begin("pending:")
    families = await ground.families.first(min(FAMILIES, n))
    openings = max(n // len(families), 1)
    at = (datetime.now(UTC) + IN).replace(microsecond=0)
    programs = [
        programs_at(account + 1, at + account * timedelta(hours=1))[account]
        for account in range(openings)
    ]
    await offer(world, programs, capacity=len(families))
    places = [Place(family, *program) for program in programs for family in families]
    ours = SignupAssist()
    with world.running(ours.programs(world)) as children:
        began = time.monotonic()
        ids = await confirmed(world, places, ours.confirm)
        took = time.monotonic() - began
        world.progress.say(f"{len(ids):,} confirmed in {took:.0f} s; settling")
        await asyncio.sleep(SETTLED_S)
        own = {"signupassist": [child.pid for child in children]}
        meter, before = Meter({**own, **world.servers()}), world.database.statements()
        world.progress.say(f"idle: measuring for {MEASURED_S:g} s")
        await asyncio.sleep(MEASURED_S)
        meter.look()
        after, cpu_s = world.database.statements(), meter.cpu_s()
    transactions = max(after.transactions - before.transactions - OWN_TRANSACTIONS, 0)
    share = cpu_s["signupassist"] / MEASURED_S
    shares = {f"{part}_cpu_share": round(s / MEASURED_S, 4) for part, s in cpu_s.items()}
    return Finding(
        scenario="pending",
        checks=(
            Check(
                promise=f"the worker takes under {CPU_SHARE:.0%} of a core",
                measured=f"{share:.2%}",
                kept=share < CPU_SHARE,
            ),
            Check(
                promise="the database is not polled",
                measured=f"{transactions} transactions in {MEASURED_S:g} s",
                kept=transactions / MEASURED_S < 0.5,  # noqa: PLR2004 - Postgres's own upkeep
            ),
        ),
        figures={
            "n": len(ids),
            "confirmed_per_s": round(len(ids) / took, 1),
            "transactions_per_s": round(transactions / MEASURED_S, 2),
            "worker_rss_mb": meter.rss_mb("signupassist"),
            "temporal_rss_mb": meter.rss_mb("temporal"),
            **shares,
        },
    )


pending = Scenario(
    name="pending",
    about="10,000 registrations that open next week, idle",
    play=_play,
    n=10_000,
    timing=Timing(),
    accounts=lambda n: max(n // FAMILIES, 1),
)
