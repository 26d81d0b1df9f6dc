"""What was seen of registrations from shortly before their opening until the last one ended."""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from bench.arrivals import Arrivals
from bench.database import RowSeen
from bench.figures import Detail, Row, spread
from bench.opening import Opening
from bench.systems.ground import Measured, Plan
from bench.usage import Meter
from bench.world import NOTICE, World
from domain.identifiers import external_ref
from domain.pacing import Pace
from domain.states import RegistrationStatus
from sandbox.program import Child

ENDED_WITHIN_S = 600
LOOK_S = 0.25
QUIET_S = 1.0
"""Nobody looks before so long after the opening."""


@dataclass(frozen=True)
class Done:
    """The rows as they ended, and what that took."""

    rows: Mapping[UUID, RowSeen]
    cpu_s: dict[str, float]
    rss_mb: float
    """Of the system itself."""
    transactions: int
    armed_late: int


async def until_done(
    world: World, opening: Opening, ids: Sequence[UUID], system: str, children: Sequence[Child]
) -> Done:
    """Wait for the opening and until all have ended, at most ENDED_WITHIN_S."""
    left = (opening.at - NOTICE - datetime.now(UTC)).total_seconds()
    world.progress.say(f"waiting {left + NOTICE.total_seconds():.0f} s for the opening")
    await asyncio.sleep(max(left, 0))
    meter = Meter({system: [child.pid for child in children], **world.servers()})
    before = world.database.statements()
    meter.look()
    quiet = (opening.at - datetime.now(UTC)).total_seconds() + QUIET_S
    await asyncio.sleep(max(quiet, 0))
    deadline = time.monotonic() + ENDED_WITHIN_S
    while world.database.under_way(ids) and time.monotonic() < deadline:
        meter.look()
        await asyncio.sleep(LOOK_S)
    meter.look()
    cpu_s = meter.cpu_s()
    return Done(
        rows=world.database.rows(ids),
        cpu_s=cpu_s,
        rss_mb=meter.rss_mb(system),
        transactions=world.database.statements().transactions - before.transactions,
        armed_late=world.database.armed_late(ids),
    )


@dataclass(frozen=True)
class Observation:
    """One run, before its figures are worked out."""

    plan: Plan
    system: str
    opening: Opening
    done: Done
    due: Mapping[str, datetime]

    def measured(
        self, arrivals: Arrivals, prepared_in: float, closed: float, trouble: tuple[str, ...]
    ) -> Measured:
        """The figures."""
        after = arrivals.after(self.due)
        early = sum(ms < 0 for ms in after.values())
        rows = self.done.rows.values()
        detail = Detail(
            system=self.system,
            n=self.plan.n,
            run=self.plan.run,
            accounts=self.opening.accounts,
            tls=self.plan.tls,
            opening=self.opening.at,
            prepared_in_s=round(prepared_in, 1),
            bookings=arrivals.once(),
            requests=sum(map(len, arrivals.requests.values())),
            early=early,
            armed_late=self.done.armed_late,
            statuses=dict(Counter(row.status for row in rows)),
            fees=dict(Counter(row.fee_status for row in rows)),
            failures=(*trouble, *self._failures(arrivals, early)),
            closed_s=round(closed, 1),
            cpu_s_by_part=self.done.cpu_s,
            transactions=self.done.transactions,
        )
        return Measured(self._row(after), detail)

    def _row(self, after: Mapping[str, float]) -> Row:
        receipts = [row.receipt_at for row in self.done.rows.values()]
        written = [at for at in receipts if at is not None]
        all_done = None
        if len(written) == len(receipts):
            all_done = round((max(written) - self.opening.at).total_seconds(), 3)
        return Row(
            system=self.system,
            n=self.plan.n,
            run=self.plan.run,
            **spread(list(after.values())),
            all_done_s=all_done,
            cpu_s=self.done.cpu_s[self.system],
            rss_mb=self.done.rss_mb,
        )

    def _failures(self, arrivals: Arrivals, early: int) -> list[str]:
        statuses = Counter(row.status for row in self.done.rows.values())
        wrong = [
            f"{number} are {status}"
            for status, number in statuses.items()
            if status != RegistrationStatus.COMPLETED
        ]
        wrong += [
            f"{number} have {many} bookings"
            for many, number in arrivals.once().items()
            if many != "one"
        ]
        return wrong + ([f"{early} came early"] if early else [])


def due_instants(
    opening: Opening, ids: Sequence[UUID], rows: Mapping[UUID, RowSeen]
) -> dict[str, datetime]:
    """When each reference is due: at the opening, or as its account's pace allows.

    The place in an account's queue is that of the confirmation, as promised.
    """
    queues: dict[int, list[UUID]] = {}
    for place, registration_id in zip(opening.places, ids, strict=True):
        queues.setdefault(place.account, []).append(registration_id)
    due: dict[str, datetime] = {}
    never = datetime.max.replace(tzinfo=UTC)
    for queue in queues.values():
        queue.sort(key=lambda one: (rows[one].confirmed_at or never, one))
        for rank, registration_id in enumerate(queue, start=1):
            due[external_ref(registration_id)] = opening.at + Pace().delay(rank)
    return due
