"""`floor`: the same lanes with nothing around them, and below it the limit of the machine."""

from collections import Counter

from bench.figures import Detail, Limit, Row, spread
from bench.systems.bare import run_bare
from bench.systems.ground import Ground, Measured, Plan


class Floor:
    """Raw lanes in a process of their own: no Temporal, no database, nothing survives it."""

    name = "floor"

    async def measure(self, ground: Ground, plan: Plan) -> Measured:
        """One run. Its instant is whatever comes once all lanes are armed."""
        bare = await run_bare(ground, plan, "bench.programs.lanes", self.name)
        arrivals = ground.ledger.read(list(bare.due))
        after = arrivals.after(bare.due)
        row = Row(
            system=self.name,
            n=plan.n,
            run=plan.run,
            **spread(list(after.values())),
            all_done_s=bare.sent.answered_s,
            cpu_s=bare.cpu_s_by_part[self.name],
            rss_mb=bare.meter.rss_mb(self.name),
        )
        booked = bare.sent.answers.get("Booked", 0)
        failures = [
            f"{number} answers were {answer}"
            for answer, number in bare.sent.answers.items()
            if answer != "Booked"
        ]
        detail = Detail(
            system=self.name,
            n=plan.n,
            run=plan.run,
            accounts=plan.spread_over,
            tls=plan.tls,
            opening=bare.armed.send_at,
            prepared_in_s=round(bare.armed_in_s, 1),
            bookings=arrivals.once(),
            requests=sum(map(len, arrivals.requests.values())),
            early=sum(ms < 0 for ms in after.values()),
            statuses=dict(Counter(booked=booked)),
            fees={},
            failures=tuple(failures),
            cpu_s_by_part=bare.cpu_s_by_part,
            uvloop=bare.armed.uvloop,
        )
        return Measured(row, detail)


async def measure_limit(ground: Ground, plan: Plan) -> Limit:
    """The same bookings from a bare loop of socket writes."""
    bare = await run_bare(ground, plan, "bench.programs.bare_writes", "limit")
    after = ground.ledger.read(list(bare.due)).after(bare.due)
    figures = spread(list(after.values()))
    return Limit(
        n=plan.n,
        tls=plan.tls,
        p50_ms=figures["p50_ms"] or 0,
        p99_ms=figures["p99_ms"] or 0,
        max_ms=figures["max_ms"] or 0,
        answered_s=bare.sent.answered_s,
    )
