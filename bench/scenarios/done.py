"""How soon everything is done, beside the plain workflow, and where the time goes."""

from bench.scenarios.scenario import Check, Figure, Finding, Scenario
from bench.systems import SYSTEMS, Ground, Plan
from domain.timing import Timing

SHARE = 0.5


async def _play(ground: Ground, n: int, tls: bool) -> Finding:
    figures: dict[str, Figure] = {"n": n}
    done_s: dict[str, float] = {}
    completed = True
    for name in ("signupassist", "plain_workflow"):
        ground.world.progress.begin(f"done {name}:")
        row, detail = await SYSTEMS[name].measure(ground, Plan(n=n, tls=tls))
        done_s[name] = row.all_done_s if row.all_done_s is not None else float("inf")
        completed &= detail.statuses == {"completed": n} and detail.bookings == {"one": n}
        figures |= {f"{name}_all_done_s": row.all_done_s, f"{name}_p99_ms": row.p99_ms}
        figures |= {f"{name}_cpu_s_{part}": cpu for part, cpu in detail.cpu_s_by_part.items()}
        figures |= {f"{name}_transactions": detail.transactions}
    ours, theirs = done_s["signupassist"], done_s["plain_workflow"]
    return Finding(
        scenario="done",
        checks=(
            Check(promise="all completed, booked once", measured=str(completed), kept=completed),
            Check(
                promise=f"done in at most {SHARE:g} of the plain workflow's time",
                measured=f"{ours:.1f} s, {theirs:.1f} s: {ours / theirs:.2f}",
                kept=ours <= SHARE * theirs,
            ),
        ),
        figures=figures,
    )


done = Scenario(
    name="done",
    about="500 at one instant, from the opening to the last receipt, beside the plain workflow",
    play=_play,
    n=500,
    timing=Timing(),
    accounts=lambda n: n,
)
