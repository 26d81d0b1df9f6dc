"""A provider whose clock is off, cached, or not told at all."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from bench.scenarios.scenario import Check, Figure, Finding, Scenario
from bench.systems import Ground, Plan
from bench.systems.registered import Observed, Registered
from bench.systems.signupassist import SignupAssist
from domain.timing import Timing

SKEW_MS = 700
WITHIN_MS = 100
CREATED = 201

FAULTS: Mapping[str, Mapping[str, Any]] = {
    "behind": {"kind": "clock_skew", "ms": -SKEW_MS},
    "ahead": {"kind": "clock_skew", "ms": SKEW_MS},
    "cached": {"kind": "stale_date", "age_seconds": 30},
    "missing": {"kind": "no_date"},
}


async def _play(ground: Ground, n: int, tls: bool) -> Finding:
    checks: list[Check] = []
    figures: dict[str, Figure] = {"n": n}
    for case, fault in FAULTS.items():
        ground.world.progress.begin(f"clock {case}:")
        with ground.world.provider.control() as control:
            control.clear_faults()
            control.add_fault(**fault, remaining=None)
        run = Registered(ground, Plan(n=n, tls=tls), SignupAssist())
        try:
            observed = await run.observe()
        finally:
            with ground.world.provider.control() as control:
                control.clear_faults()
        shown = await _clock_shown(ground, observed)
        figures |= {f"{case}_{name}": value for name, value in shown.items()}
        checks += _checks(case, n, observed, shown)
    return Finding(scenario="clock", checks=tuple(checks), figures=figures)


def _checks(case: str, n: int, observed: Observed, shown: Mapping[str, Figure]) -> list[Check]:
    row, detail = observed.measured
    accepted = _accepted_ms(observed)
    opens_late = SKEW_MS if case == "behind" else 0
    after = [ms - opens_late for ms in accepted]
    checks = [
        Check(
            promise=f"{case}: all booked exactly once, nothing before our own opening",
            measured=f"{detail.bookings}, earliest {row.earliest_ms} ms",
            kept=detail.bookings == {"one": n} and not detail.early,
        )
    ]
    if case in ("behind", "ahead"):
        checks.append(
            Check(
                promise=f"{case}: accepted within {WITHIN_MS} ms after the later of both openings",
                measured=f"{min(after):.1f} to {max(after):.1f} ms" if after else "none accepted",
                kept=bool(after) and max(after) <= WITHIN_MS,
            )
        )
    known = shown["clock_uncertainty_ms"] is not None
    checks.append(
        Check(
            promise=f"{case}: the clock's offset and uncertainty are in the audit trail",
            measured=f"{shown['clock_offset_ms']} ms ± {shown['clock_uncertainty_ms']} ms",
            # Of a clock that is told from a cache, or never, nothing can be known: shown as null.
            kept=known or case in ("cached", "missing"),
        )
    )
    return checks


def _accepted_ms(observed: Observed) -> list[float]:
    opening_ms = observed.opening.at.timestamp() * 1_000
    return [
        entry.arrived_ms - opening_ms
        for entries in observed.arrivals.requests.values()
        for entry in entries
        if entry.status == CREATED
    ]


async def _clock_shown(ground: Ground, observed: Observed) -> dict[str, Figure]:
    names = ("tries", "clock_wait_ms", "clock_offset_ms", "clock_uncertainty_ms")
    found: dict[str, Figure] = dict.fromkeys(names)
    for event in await ground.world.door.records.audit_trail(observed.ids[0]):
        for facts in (event.detail, event.detail.get("sending")):
            if isinstance(facts, dict):
                found |= {name: facts[name] for name in names if name in facts}
    return found


clock = Scenario(
    name="clock",
    about="the provider's clock 700 ms behind, 700 ms ahead, cached, missing",
    play=_play,
    n=5,
    timing=Timing(longest_spread=timedelta(seconds=5)),
    accounts=lambda n: n,
)
